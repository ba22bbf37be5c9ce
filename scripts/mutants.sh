#!/usr/bin/env bash
# mutants.sh: breaks the library on purpose, one patch of scripts/mutants at a time. The stories named for each must turn red;
# against the unbroken copy they pass. A patch that does not apply any more is a failure too: renew it.
set -eu
. "$(dirname "$0")/common.sh"

copy=$target/mutants/tree
tree=$target/mutants/capi-tests

# mutant | stories (program and arguments), any of which notices
mutants='
skip-the-re-placement|connclose_mid plain;http10_mid tls
forget-drop|queue3 plain;latejoin tls
hand-over-the-tail-first|queue3 plain;queue3 tls
leave-the-ssl-with-the-old-wsi|queue3 tls
drop-a-reason-text|leader_refused plain;killed_before_head plain
'

fresh_copy() {
	rm -rf "$copy"
	mkdir -p "$copy"
	tar -c --exclude=./target --exclude=./.git . | tar -x -C "$copy"
	touch "$copy/src/lib.rs" # whatever an interrupted run left built
}

build_copy() {
	(cd "$copy" && CARGO_TARGET_DIR=$target/mutants cargo build --quiet --package broadside) || die "$1 does not build"
}

# story PROGRAM ARGUMENT...: does it pass?
story() {
	local program=$1
	shift
	HARNESS_WATCHDOG=10 timeout 20 "$tree/$program" "$@" >"$target/mutants/$program.log" 2>&1
}

# How many of the stories in $1, separated by `;`, fail.
failures() {
	local failed=0 line
	while IFS= read -r line; do
		# shellcheck disable=SC2086 # program and arguments
		story $line || failed=$((failed + 1))
	done <<<"${1//;/$'\n'}"
	echo "$failed"
}

cargo build --quiet --release --package peer
fresh_copy
build_copy "the unbroken copy"
mkdir -p "$tree"
cmake -S capi-tests -B "$tree" -DCMAKE_BUILD_TYPE=Debug -DBROADSIDE_INCLUDE="$root/include" -DSCALE=1000 \
	-DBROADSIDE_LIB="$target/mutants/debug/libwebsockets.so" -DPEER="$target/release/broadside-peer" >"$tree.log"
cmake --build "$tree" --parallel "$jobs" >>"$tree.log" 2>&1 || die "capi-tests do not build: see $tree.log"

survivors=0
while IFS='|' read -r name stories; do
	[ -n "$name" ] || continue
	[ "$(failures "$stories")" = 0 ] || die "$stories: fails without a mutant"
	patch --quiet --directory "$copy" -p1 <"scripts/mutants/$name.patch" || die "$name.patch does not apply"
	build_copy "$name"
	failed=$(failures "$stories")
	if [ "$failed" = 0 ]; then
		echo "$name: SURVIVED: $stories"
		survivors=$((survivors + 1))
	else
		echo "$name: noticed by $failed"
	fi
	patch --quiet --reverse --directory "$copy" -p1 <"scripts/mutants/$name.patch"
	build_copy "the unbroken copy"
done <<<"$mutants"
[ "$survivors" = 0 ] || die "$survivors mutants survived"
