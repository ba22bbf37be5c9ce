#!/bin/sh
# Compares what the shared library exports with abi/exports.txt.
# usage: abi/check-exports.sh path/to/libwebsockets.so
set -eu
export LC_ALL=C

lib=${1:?usage: $0 path/to/libwebsockets.so}
list=$(dirname "$0")/exports.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A library that cannot be read must not count as one without exports.
nm -D --defined-only "$lib" > "$work/nm"
# Code, data (also read-only and zeroed), and their weak and unique kinds.
awk '$2 ~ /^[TDBRWVuiG]$/ { sub(/@.*/, "", $3); print $3 }' "$work/nm" | sort -u > "$work/has"
sort -u "$list" > "$work/listed"

comm -23 "$work/has" "$work/listed" > "$work/extra"
comm -13 "$work/has" "$work/listed" > "$work/missing"

if [ -s "$work/extra" ] || [ -s "$work/missing" ]; then
	echo "$lib does not export what abi/exports.txt lists" >&2
	if [ -s "$work/extra" ]; then
		echo "exported but not listed: add them to the list if they are meant for programs, else hide them" >&2
		sed 's/^/  + /' "$work/extra" >&2
	fi
	if [ -s "$work/missing" ]; then
		echo "listed but not exported: programs that use them no longer link" >&2
		sed 's/^/  - /' "$work/missing" >&2
	fi
	exit 1
fi

soname=$(readelf -d "$lib" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
if [ "$soname" != libwebsockets.so.19 ]; then
	echo "$lib: SONAME is '$soname', programs look for libwebsockets.so.19" >&2
	exit 1
fi
if ! readelf -d "$lib" | grep -q NODELETE; then
	echo "$lib: not linked with -z nodelete, a resolver thread would run in unmapped memory after dlclose()" >&2
	exit 1
fi
echo "exports: $(wc -l < "$work/has") symbols, as listed"
