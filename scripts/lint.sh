#!/usr/bin/env bash
# lint.sh: formatting, clippy, and the shell scripts' syntax.
set -eu
. "$(dirname "$0")/common.sh"

cargo fmt --all --check
cargo fmt --manifest-path fuzz/Cargo.toml --check
cargo clippy --workspace --all-targets -- -D warnings
cargo clippy --package broadside --all-targets --features fuzzing -- -D warnings
for script in scripts/*.sh .ci/run; do bash -n "$script"; done
