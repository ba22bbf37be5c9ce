#!/usr/bin/env bash
# test.sh: everything that has to hold, in stages; `make test`.
#
# The stories run last, uninstrumented: ctest's own summary is what the output ends with.
set -eu
. "$(dirname "$0")/common.sh"
. scripts/stage.sh

stage "setup" scripts/setup.sh test
stage "build" scripts/build.sh
stage "Rust tests, header drift, layering" scripts/rust.sh
stage "exports, SONAME" scripts/abi.sh
stage "compatibility" scripts/compatibility.sh
stage "header matrix" scripts/headers.sh
stage "C stories under AddressSanitizer" scripts/stories.sh asan
stage "planted bugs are found" scripts/stories.sh planted
stage "C stories under valgrind" scripts/stories.sh valgrind
# .ci/run has had them all.
[ -n "${ALL_MUTANTS_DONE:-}" ] || stage "mutants, some of them" scripts/mutants.sh --quick
stage "WebSocket conformance, a part" scripts/conformance.sh
stage "recorded traces again" scripts/traces.py --quick
stage "demo" scripts/demo.sh --check
stage "installed, a first program" scripts/first.sh
stage "installed, consumers" scripts/install_test.sh
print_stage_times
printf '\n==== C stories\n'
exec scripts/stories.sh native </dev/null
