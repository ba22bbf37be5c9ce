#!/usr/bin/env bash
# build.sh: the library as it is shipped, in target/release.
set -eu
. "$(dirname "$0")/common.sh"

cargo build --release --package broadside "$@"
name_by_soname "$target/release"
