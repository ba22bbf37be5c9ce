#!/usr/bin/env bash
# stories.sh [native|asan|valgrind|planted|debian]: the C stories of capi-tests against a library built for the purpose.
#
#   native    the library as it is shipped
#   asan      core, shim and stories instrumented by AddressSanitizer, linked by clang
#   valgrind  the shipped library; the stories labelled `valgrind`
#   debian    Debian's libwebsockets instead: whether the stories that ask only what every such library does are right
#   planted   AddressSanitizer has to find a use-after-free planted in one layer at a time
set -eu
. "$(dirname "$0")/common.sh"

triple=$(rustc -vV | sed -n 's/^host: //p')
asan_dir=$target/asan/$triple/debug

build_peer() {
	cargo build --release --package peer
}

# build_asan [CARGO-ARGUMENT...]: with --target, so that build scripts and proc macros stay as they are. The sanitizer
# is not yet a stable option of rustc; RUSTC_BOOTSTRAP lets a stable one take it.
build_asan() {
	local under=${triple//-/_}
	env RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=address -Cforce-frame-pointers=yes" \
		"CC_$under=clang" "CFLAGS_$under=-fsanitize=address -fno-omit-frame-pointer -g" \
		cargo build --package broadside --target "$triple" --target-dir "$target/asan" "$@"
	name_by_soname "$asan_dir"
}

# configure KIND LIBRARY-DIR [CMAKE-ARGUMENT...]: leaves the build tree in $tree.
configure() {
	tree=$target/capi-tests-$1
	local library=$2
	shift 2
	cmake -S capi-tests -B "$tree" -DCMAKE_BUILD_TYPE=Debug -DBROADSIDE_INCLUDE="$root/include" \
		-DBROADSIDE_LIB="$library/libwebsockets.so" -DPEER="$target/release/broadside-peer" -DDEBIAN_LWS="$debian" "$@" >"$tree.log" 2>&1 || {
		cat "$tree.log" >&2
		die "cmake could not configure capi-tests"
	}
	cmake --build "$tree" --parallel "$jobs" >"$tree.log" 2>&1 || {
		cat "$tree.log" >&2
		die "capi-tests do not build"
	}
}

configure_asan() {
	configure asan "$asan_dir" -DPROGRAMS=ON -DSANITIZE=address -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++
}

run_stories() {
	ctest --test-dir "$tree" --output-on-failure --no-tests=error --parallel "$jobs" "$@"
}

# The tests that a planted bug has to break, whichever layer it is in: a queue to its end, plain and TLS, passes through
# all of them.
planted_tests='^queue3\.'

planted() {
	local layer output
	for layer in net ffi; do
		build_asan --features "planted-$layer"
		configure_asan
		# The trap is that a story which never ran also does not pass: it is the report that is asked for.
		output=$(ctest --test-dir "$tree" --output-on-failure --no-tests=error -R "$planted_tests" 2>&1) &&
			die "ctest -R '$planted_tests' passes with a use-after-free planted in $layer"
		grep -q 'ERROR: AddressSanitizer: heap-use-after-free' <<<"$output" || {
			printf '%s\n' "$output" >&2
			die "AddressSanitizer did not report the use-after-free planted in $layer"
		}
		echo "planted in $layer: AddressSanitizer found it"
	done
}

# Without it, the stories with that server are skipped.
debian=$(scripts/debian-lws.sh) || debian=

build_peer
case ${1:-native} in
native)
	scripts/build.sh
	configure native "$target/release" -DPROGRAMS=ON
	run_stories
	;;
asan)
	build_asan
	configure_asan
	run_stories
	;;
valgrind)
	scripts/build.sh
	configure valgrind "$target/release" -DVALGRIND=ON
	run_stories -L valgrind
	;;
planted) planted ;;
debian)
	[ "$debian" ] || die "apt has no libwebsockets-dev"
	export LD_LIBRARY_PATH=$debian/lib
	configure debian "$debian/lib" -DUPSTREAM=ON "-DCMAKE_C_FLAGS=-isystem $debian/include"
	run_stories
	;;
*) die "usage: stories.sh [native|asan|valgrind|planted|debian]" ;;
esac
