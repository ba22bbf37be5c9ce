#!/usr/bin/env bash
# fuzz.sh [SECONDS] [TARGET...]: libFuzzer on the targets of fuzz/, one after another, 60 seconds each unless it is told otherwise.
# fuzz.sh merge [TARGET...]: puts into fuzz/corpus what a run found and the corpus does not cover, as few and as small as it can.
# fuzz.sh build: makes the programs, for a run by hand: target/fuzz/TRIPLE/release/TARGET FILE.
#
# It needs cargo and a C++ compiler. A run starts from fuzz/corpus/TARGET and from what runs before it found, which is in
# target/fuzz/found/TARGET. A crash is left in target/fuzz/crashes, and fails the script.
set -eu
. "$(dirname "$0")/common.sh"

triple=$(rustc -vV | sed -n 's/^host: //p')
work=$target/fuzz
bin=$work/$triple/release
all=$(sed -n '/^\[\[bin\]\]/,$ s/^name = "\(.*\)"$/\1/p' fuzz/Cargo.toml)

# What `cargo fuzz build` does. With --target, so that build scripts and proc macros stay as they are; the sanitizers are not
# yet stable options of rustc, and RUSTC_BOOTSTRAP lets a stable one take them.
build() {
	local under=${triple//-/_} flags
	flags="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
	flags+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
	flags+=" -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0"
	flags+=" -Zsanitizer=address -Cforce-frame-pointers=yes"
	env RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags" "CFLAGS_$under=-fno-omit-frame-pointer -g" \
		cargo build --release --locked --manifest-path fuzz/Cargo.toml --target "$triple" --target-dir "$work" --bins
}

# The longest input that is tried: heads and bodies have limits of 64 KiB, the others reach theirs by short scripts.
longest() {
	case $1 in
	h1_* | proxy) echo 70000 ;;
	*) echo 8192 ;;
	esac
}

# options TARGET: what every run of it has.
options() {
	options=("-max_len=$(longest "$1")" -timeout=20 -rss_limit_mb=2048 "-artifact_prefix=$work/crashes/$1-")
	[ ! -e "fuzz/dictionaries/$1" ] || options+=("-dict=fuzz/dictionaries/$1")
}

# figure NAME LOG: a number of libFuzzer's last report.
figure() {
	grep -o "$1: *[0-9][0-9]*" "$2" | tail -1 | grep -o '[0-9]*$' || echo 0
}

run() {
	local name=$1 seconds=$2 log=$work/$1.log
	mkdir -p "$work/found/$name" "$work/crashes"
	options "$name"
	local failed='' began=$SECONDS
	nice -n 10 "$bin/$name" "${options[@]}" -max_total_time="$seconds" -print_final_stats=1 \
		"$work/found/$name" "fuzz/corpus/$name" >"$log" 2>&1 </dev/null || failed=1
	printf '%-14s %12s executions, %5s edges, %6s features, %4s s\n' "$name" \
		"$(figure stat::number_of_executed_units "$log")" "$(figure cov "$log")" "$(figure ft "$log")" $((SECONDS - began))
	[ -n "$failed" ] || return 0
	grep -m 3 -A 4 -E 'panicked at|ERROR: |SUMMARY: ' "$log" >&2
	echo "fuzz.sh: $name failed on $(sed -n 's/.*Test unit written to //p' "$log" | tail -1); all of its output is in $log" >&2
	return 1
}

# cover TARGET INTO FROM...: adds to INTO the smallest set of files that covers what FROM does and INTO does not.
cover() {
	local name=$1
	shift
	options "$name"
	"$bin/$name" "${options[@]}" -set_cover_merge=1 -use_counters=0 "$@" >"$work/$name-merge.log" 2>&1 ||
		die "the merge failed; see $work/$name-merge.log"
}

# merge TARGET: what was found goes in, and what is no longer needed goes; files with a name of their own stay.
merge() {
	local name=$1 file sum
	mkdir -p "$work/found/$name"
	cover "$name" "fuzz/corpus/$name" "$work/found/$name"
	rm -rf "$work/needed" && mkdir -p "$work/needed"
	cover "$name" "$work/needed" "fuzz/corpus/$name"
	for file in "fuzz/corpus/$name"/*; do
		sum=${file##*/}
		[[ ! $sum =~ ^[0-9a-f]{40}$ || -e $work/needed/$sum ]] || rm "$file"
	done
	printf '%-14s %5s files, %7s bytes\n' "$name" "$(find "fuzz/corpus/$name" -type f | wc -l)" \
		"$(cat "fuzz/corpus/$name"/* | wc -c)"
}

seconds=60
what=run
case ${1:-} in
merge | build) what=$1 && shift ;;
[0-9]*) seconds=$1 && shift ;;
esac
[ $# -gt 0 ] || eval "set -- $(echo $all)"
for name; do
	grep -qx "$name" <<<"$all" || die "no such target: $name. There are:" $all
done
build
[ $what != build ] || exit 0
failed=
for name; do
	$what "$name" "$seconds" || failed=1
done
[ -z "$failed" ] || die "there were crashes"
