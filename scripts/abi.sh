#!/usr/bin/env bash
# abi.sh [--bless]: what the shared library exports is what abi/exports.txt says, and it is called by its SONAME.
set -eu
. "$(dirname "$0")/common.sh"

scripts/build.sh
scratch_dir
library=$target/release/libwebsockets.so
nm -D --defined-only "$library" | awk '{ print $3 }' | LC_ALL=C sort >"$scratch/exports"
if [ "${1:-}" = --bless ]; then
	cp "$scratch/exports" abi/exports.txt
	exit
fi
diff -u abi/exports.txt "$scratch/exports" ||
	die "the library's exports differ from abi/exports.txt; when that is meant: scripts/abi.sh --bless"
readelf -d "$library" | grep -q "SONAME.*\[$soname\]" || die "the SONAME is not $soname"
readelf -d "$library" | grep -q 'FLAGS_1.*NODELETE' || die "the library can be unloaded: it is not linked -z nodelete"
echo "$(wc -l <abi/exports.txt) exports, SONAME $soname"
