# Sourced by the other scripts: where things are, and how a script gives up.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# Where cargo and the scripts put what they make.
target=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$target"
target=$(cd "$target" && pwd)
export CARGO_TARGET_DIR=$target

soname=libwebsockets.so.19
jobs=$(nproc 2>/dev/null || echo 2)

# nginx is in a directory that not every user looks into.
PATH=$PATH:/usr/sbin
CC=${CC:-cc}

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# A directory that goes away with the script.
scratch=
scratch_dir() {
	if [ -z "$scratch" ]; then
		scratch=$(mktemp -d "${TMPDIR:-/tmp}/broadside.XXXXXX")
		trap 'rm -rf "$scratch"' EXIT
	fi
}

# Programs look for the library by its SONAME; cargo names the file without a version.
name_by_soname() {
	ln -sf libwebsockets.so "$1/$soname"
}
