#!/usr/bin/env bash
# mutants.sh [--quick]: breaks the library on purpose, one patch of scripts/mutants at a time. The stories named for each must turn red;
# against the unbroken copy they pass. --quick takes some of them. A patch that does not apply any more is a failure too: renew it.
set -eu
. "$(dirname "$0")/common.sh"

copy=$target/mutants/tree
tree=$target/mutants/capi-tests

# mutant | C stories (program and arguments; `;` between them; `h2` before one that runs there) | Rust tests (a filter): each suite
# that is named has to notice
mutants='
skip-the-re-placement|connclose_mid plain;http10_mid tls|tests::stories
forget-drop|queue3 plain;latejoin tls|tests::stories::queue
hand-over-the-tail-first|queue3 plain;queue3 tls|tests::stories::queue
leave-the-ssl-with-the-old-wsi|queue3 tls|
drop-a-reason-text|leader_refused plain;killed_before_head plain|tests::stories::dials
take-both-lengths|bad_server table|proto::h1
trust-any-name|tls_trust table|net::tests
forget-who-was-left-out|h2 goaway after 5|tests::stories::h2::goaway
ignore-the-peers-limit|h2 limits 1|proto::h2
cancel-in-silence|h2 cancel_leader sync|tests::stories::h2::cancels
keep-the-window|h2 flow read|proto::h2::tests::windows
never-end-a-request|h2 broadside3|tests::stories::h2
out-of-turn||tests::stories::h2::uploads
keep-the-turn|tls_limits connections|tests::stories::limits
skip-the-line||tests::stories::limits
resume-for-less|tls_sessions trusts|engine::matching
forget-what-was-read|adopt accepted|
answer-the-first-sender|udp waits|
close-what-was-refused|raw_file refused|
fill-to-the-brim|ring plain|ffi::ring
try-for-ever|retry plain|ffi::retry
answer-for-the-old-place|redirect port|tests::stories::redirects
hand-over-everyones-options|vh_priv|
forget-the-mask|ws_send kinds;h2 ws_life|proto::ws
lose-the-fin|ws_send kinds;h2 ws_send kinds|proto::ws
take-any-accept|ws_refused table|proto::ws
take-masked-frames|ws_hostile table|proto::ws
leave-their-close-unanswered|ws_close theirs;h2 ws_close theirs|tests::stories::ws
cut-the-last-words|ws_close last|tests::stories::ws
read-on-while-paused|ws_flow inside;h2 ws_flow inside|tests::stories::ws
no-nul-behind|ws_pieces glued|
let-the-parent-go-first|family sync;h2 family async|tests::stories::family
forget-the-last-chunk||tests::stories::forms
keep-the-pong|ws_ping answered;h2 ws_ping answered|
try-ws-where-it-is-not-allowed|h2 ws_h2_fallback refused|
share-across-proxies|proxy http queue;proxy socks queue tls|tests::stories::proxies
take-what-comes-too-early|proxy http refused|tests::stories::proxies
keep-the-login-elsewhere|auth elsewhere|tests::stories::auth
show-cookies-on-any-path|cookies basic|proto::cookies
sign-with-any-key|made_certs refused|net::tests::issuer
close-before-it-is-told|external_poll handle;external_poll inside service DEL|
wait-for-who-is-gone|external_poll hup|
forget-what-is-posted|external_poll calls|
forget-the-departed|external_poll handle|
tell-of-no-lookup|external_poll handle|
keep-to-the-first-address||tests::stories::dials
'

# Those of `make test`.
quick='skip-the-re-placement lose-the-fin'
if [ "${1:-}" = --quick ]; then
	mutants=$(grep -E "^(${quick//[$' \n']/|})\\|" <<<"$mutants")
fi


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
	if [ "$program" = h2 ]; then
		local PROTO=h2
		export PROTO
		program=$1
		shift
	fi
	HARNESS_WATCHDOG=10 timeout 20 "$tree/$program" "$@" >"$target/mutants/$program.log" 2>&1
}

# How many of the stories in $1, separated by `;`, fail.
failures() {
	local failed=0 line
	[ -n "$1" ] || {
		echo 0
		return
	}
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

# The Rust tests named by a filter, in the broken copy: do they pass?
rust_passes() {
	(cd "$copy" && CARGO_TARGET_DIR=$target/mutants cargo test --quiet --package broadside --lib "$1") \
		>"$target/mutants/rust.log" 2>&1
}

survivors=0
survived() {
	echo "$1: SURVIVED: $2"
	survivors=$((survivors + 1))
}

while IFS='|' read -r name stories _; do
	[ -z "$name" ] || [ "$(failures "$stories")" = 0 ] || die "$stories: fails without a mutant"
done <<<"$mutants"

while IFS='|' read -r name stories filter; do
	[ -n "$name" ] || continue
	patch --quiet --directory "$copy" -p1 <"scripts/mutants/$name.patch" || die "$name.patch does not apply"
	build_copy "$name"
	failed=$(failures "$stories")
	[ -z "$stories" ] || [ "$failed" != 0 ] || survived "$name" "$stories"
	noticed="$failed C stories"
	if [ -n "$filter" ]; then
		! rust_passes "$filter" || survived "$name" "$filter"
		noticed="$noticed and $filter"
	fi
	echo "$name: noticed by $noticed"
	patch --quiet --reverse --directory "$copy" -p1 <"scripts/mutants/$name.patch"
done <<<"$mutants"
[ "$survivors" = 0 ] || die "$survivors mutants survived"
