#!/usr/bin/env bash
# rust.sh: the Rust tests of the whole workspace, by nextest where it is installed.
set -eu
. "$(dirname "$0")/common.sh"

if command -v cargo-nextest >/dev/null; then
	cargo nextest run --workspace
else
	cargo test --workspace
fi
