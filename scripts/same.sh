#!/usr/bin/env bash
# same.sh [NAME...]: each program of capi-tests/same, built against Debian's libwebsockets 4.1.6 and against ours, prints the same
# for generated inputs. Debian's is unpacked into the target directory, not installed. 77: it cannot be had here.
set -eu
. "$(dirname "$0")/common.sh"

SEEDS=${SEEDS:-10}
work=$target/same
debian=$work/debian
version=4.1.6

unavailable() {
	echo "same.sh: skipped: $*"
	exit 77
}

# fetch PACKAGE...: into $debian, as files.
fetch() {
	local package
	for package in "$@"; do
		(cd "$work" && apt-get download -q "$package") >"$work/apt.log" 2>&1 || return 1
	done
	for package in "$work"/*.deb; do
		dpkg -x "$package" "$debian"
	done
	rm -f "$work"/*.deb
}

get_debian() {
	[ ! -e "$debian/done" ] || return 0
	command -v apt-get >/dev/null && command -v dpkg >/dev/null || unavailable "no apt-get and dpkg"
	rm -rf "$debian"
	mkdir -p "$debian"
	apt-cache show libwebsockets-dev >/dev/null 2>&1 || apt-get update -q >"$work/apt.log" 2>&1 || true
	apt-cache show libwebsockets-dev 2>/dev/null | grep -q "^Version: $version" ||
		unavailable "apt has no libwebsockets-dev $version"
	local library
	library=$(apt-cache depends libwebsockets-dev | sed -n 's/.*Depends: \(libwebsockets[0-9].*\)/\1/p')
	# shellcheck disable=SC2086 # one package or more
	fetch libwebsockets-dev libcap-dev libcap2 $library || unavailable "apt-get download: $(tail -1 "$work/apt.log")"
	touch "$debian/done"
}

# build NAME SUFFIX INCLUDE LIBRARY-DIR
build() {
	"$CC" -std=gnu11 -g -Wall -Wextra -Werror -isystem "$3" "capi-tests/same/$1.c" -o "$work/$1.$2" -L"$4" -lwebsockets -lssl -lcrypto \
		-Wl,-rpath,"$4" -Wl,--allow-shlib-undefined
}

# run NAME SUFFIX SEED
run() {
	LD_LIBRARY_PATH=$elsewhere timeout 60 "$work/$1.$2" "$3" >"$work/$1.$2.out" 2>&1 ||
		die "$1.$2 $3: exit status $?: see $work/$1.$2.out"
}

# The first difference, with what led to it.
show() {
	diff "$work/$1.debian.out" "$work/$1.ours.out" >"$work/$1.diff" || true
	head -20 "$work/$1.diff" >&2
	die "$1 $2: not the same: < Debian's, > ours; all of it is in $work/$1.diff"
}

mkdir -p "$work"
get_debian
[ -n "${BROADSIDE_LIB:-}" ] || scripts/build.sh
ours=${BROADSIDE_LIB:-$target/release}
theirs=$(dirname "$(find "$debian" -name 'libwebsockets.so')")
elsewhere=$(dirname "$(find "$debian" -name 'libcap.so.2' | head -1)")
names=("$@")
[ $# -gt 0 ] || for file in capi-tests/same/*.c; do names+=("$(basename "$file" .c)"); done
for name in "${names[@]}"; do
	build "$name" debian "$debian/usr/include" "$theirs"
	build "$name" ours include "$ours"
	for seed in $(seq "$SEEDS"); do
		run "$name" debian "$seed"
		run "$name" ours "$seed"
		cmp -s "$work/$name.debian.out" "$work/$name.ours.out" || show "$name" "$seed"
	done
	echo "same $name: $SEEDS seeds, $(wc -l <"$work/$name.ours.out") lines each"
done
