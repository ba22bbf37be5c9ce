#!/usr/bin/env bash
# install_test.sh: programs find an installed library in each of the ways that programs do (pkg-config, find_package, -l,
# configure's probes), C and C++, shared and static, and run; an installation can be moved, repeated and removed.
#
# Every check is also seen to fail where that can be had cheaply: what must not configure or link is tried as well.
set -eu
. "$(dirname "$0")/common.sh"

# Where a user's environment would lead programs past the installation under test.
unset CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_LIBRARY_PATH PKG_CONFIG_PATH PKG_CONFIG_LIBDIR CMAKE_PREFIX_PATH
unset DESTDIR PREFIX LIBDIR CFLAGS CXXFLAGS LDFLAGS
unset MAKEFLAGS MAKELEVEL MFLAGS
CXX=${CXX:-c++}
sources=$root/capi-tests/install

# quietly WHAT COMMAND...: its output is shown only when it fails.
quietly() {
	local what=$1
	shift
	"$@" >"$scratch/log" 2>&1 || {
		cat "$scratch/log" >&2
		die "$what: failed: $*"
	}
}

# refused PATTERN COMMAND...: it has to fail, and to say why.
refused() {
	local pattern=$1
	shift
	! "$@" >"$scratch/log" 2>&1 || die "succeeded, and must not: $*"
	# CMake breaks lines where it likes
	tr -s '\n ' ' ' <"$scratch/log" | grep -q -- "$pattern" || {
		cat "$scratch/log" >&2
		die "failed, but did not say '$pattern': $*"
	}
}

# make_target TARGET [VARIABLE=VALUE...]: what a user types.
make_target() { quietly "make $1" make -s -C "$root" "$@"; }

needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(libwebsockets.*\)\]/\1/p'; }

# runs shared|static PROGRAM: it is linked as it was meant to be, and it works.
runs() {
	local expected=
	[ "$1" = static ] || expected=$soname
	[ "$(needed "$2")" = "$expected" ] || die "$2 needs '$(needed "$2")', not '$expected'"
	LD_LIBRARY_PATH=$lib quietly "$1" "$2"
	grep -q '^refused: ' "$scratch/log" || die "$2 made no request"
}

# What cc needs to compile the one source as $language.
compile() {
	case $language in
	C) "$CC" -std=c99 -Wall -Wextra -Wpedantic -Werror -c "$sources/consumer.c" -o "$scratch/consumer.o" "$@" ;;
	CXX) "$CXX" -std=c++11 -Wall -Wextra -Wpedantic -Werror -x c++ -c "$sources/consumer.c" -o "$scratch/consumer.o" "$@" ;;
	esac
}
link() {
	local how=$1 linker=$CC
	shift
	[ "$language" = C ] || linker=$CXX
	quietly "link $how" "$linker" "$scratch/consumer.o" -o "$scratch/consumer" "$@"
	runs "$how" "$scratch/consumer"
}

# Its answers are words: the callers leave them unquoted.
pkg_config() { PKG_CONFIG_PATH=$lib/pkgconfig pkg-config "$@"; }

# shellcheck disable=SC2046
by_pkg_config() {
	[ "$(pkg_config --modversion libwebsockets)" = 4.3.5 ] || die "libwebsockets.pc has another version"
	[ "$(pkg_config --modversion libwebsockets_static)" = 4.3.5 ] || die "libwebsockets_static.pc has another version"
	pkg_config --exists 'libwebsockets >= 4.3.5' || die "pkg-config: not >= 4.3.5"
	refused . pkg_config --exists --print-errors 'libwebsockets > 4.3.5'
	for language in C CXX; do
		compile $(pkg_config --cflags libwebsockets)
		link shared $(pkg_config --libs libwebsockets)
		link static $(pkg_config --libs libwebsockets_static)
		link static -static $(pkg_config --static --libs libwebsockets)
	done
}

by_name() {
	for language in C CXX; do
		compile "-I$prefix/include"
		link shared "-L$lib" -lwebsockets
		link static "$lib/libwebsockets.a" -lssl -lcrypto -lm -ldl -pthread
		link static "-L$lib" -Wl,-Bstatic -lwebsockets -Wl,-Bdynamic -lssl -lcrypto -lm -ldl -pthread
	done
}

config() {
	quietly "config.c" "$CC" -std=c99 -Wall -Wextra -Wpedantic -Werror "-I$prefix/include" "$sources/config.c" \
		-o "$scratch/config" "-L$lib" -lwebsockets -lssl -lcrypto -pthread
	LD_LIBRARY_PATH=$lib quietly "lws_config.h" "$scratch/config"
}

# cargo-c installs the same by what Cargo.toml says.
capi_metadata() {
	local section=package.metadata.capi
	[ "$(sed -n "/^\[$section.pkg_config\]/,/^\[/s/^version = //p" Cargo.toml)" = '"4.3.5"' ] ||
		die "$section.pkg_config: another version"
	[ "$(sed -n "/^\[$section.library\]/,/^\[/s/^version = //p" Cargo.toml)" = "\"${soname##*.}.0.0\"" ] ||
		die "$section.library: another SONAME"
}

# configure SOURCE BUILD [ARGUMENT...]
configure() {
	local source=$1 build=$2
	shift 2
	rm -rf "$build"
	PKG_CONFIG_PATH=$lib/pkgconfig cmake -S "$source" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" \
		-DCMAKE_BUILD_TYPE=Debug "$@"
}

is_this_installation() {
	grep -q "^libwebsockets_DIR:PATH=$lib/cmake/libwebsockets$\|^Libwebsockets_DIR:PATH=$lib/cmake/libwebsockets$" \
		"$1/CMakeCache.txt" || die "CMake found another libwebsockets: $(grep websockets_DIR "$1/CMakeCache.txt")"
}

by_find_package() {
	local spelling=libwebsockets build=$scratch/build name
	for language in C CXX; do
		quietly "find_package($spelling)" configure "$sources/plain" "$build" -DSPELLING=$spelling -DWANTED=4.1 -DLANGUAGE=$language
		is_this_installation "$build"
		quietly "build with $spelling" cmake --build "$build" --parallel "$jobs"
		for name in shared shared-pkg; do runs shared "$build/$name"; done
		for name in static static-deps static-both static-pkg; do runs static "$build/$name"; done
		spelling=Libwebsockets
	done
}

versions() {
	local build=$scratch/build wanted
	for wanted in 4.3.5 3.0 '4.3.5;EXACT' 4.0...4.4; do
		quietly "find_package($wanted)" configure "$sources/plain" "$build" -DSPELLING=libwebsockets "-DWANTED=$wanted" -DLANGUAGE=C
	done
	for wanted in 4.3.6 5.0 '4.1;EXACT' 4.0...4.3 '4.0...<4.3.5'; do
		refused 'version: 4.3.5' configure "$sources/plain" "$build" -DSPELLING=libwebsockets "-DWANTED=$wanted" -DLANGUAGE=C
	done
}

# ask MACRO VALUE RESULT: an example that requires it.
ask() { configure "$sources/example" "$scratch/build" "-DASK=$1" "-DASK_VALUE=$2" "-DASK_RESULT=$3"; }

example() {
	quietly "example" ask LWS_WITH_NETWORK 1 requirements
	is_this_installation "$scratch/build"
	quietly "build the example" cmake --build "$scratch/build"
	runs shared "$scratch/build/lws-installed-example"

	refused 'needs LWS_WITH_SECURE_STREAMS' ask LWS_WITH_SECURE_STREAMS 1 requirements
	refused 'does not work with LWS_WITH_TLS' ask LWS_WITH_TLS 0 requirements
	quietly "an optional one" ask LWS_WITH_SECURE_STREAMS 1 has_secure_streams
	# Part of one build of everything: skipped, where alone it is an error.
	quietly "skipped" ask LWS_WITH_MINIMAL_EXAMPLES 0 has_minimal -DLWS_WITH_MINIMAL_EXAMPLES=1
}

# probe SYMBOL...: as AC_CHECK_LIB writes it: no header, and a type that cannot be right.
probe() {
	local symbol
	{
		for symbol; do echo "char $symbol();"; done
		echo "int main(void) { return 0"
		for symbol; do echo "+ $symbol()"; done
		echo "; }"
	} >"$scratch/probe.c"
	"$CC" -w -fno-builtin "$scratch/probe.c" -o "$scratch/probe" "${probe_libs[@]}"
}

probes() {
	local symbol
	for probe_libs in shared static; do
		case $probe_libs in
		shared) probe_libs=("-L$lib" -lwebsockets) ;;
		static) probe_libs=("$lib/libwebsockets.a" -lssl -lcrypto -lm -ldl -pthread) ;;
		esac
		# those that programs are known to ask for
		for symbol in lws_create_context lws_create_vhost lws_get_peer_simple lws_service lws_extension_callback_pm_deflate; do
			quietly "probe of $symbol" probe "$symbol"
		done
		# and all that there are
		mapfile -t all <abi/exports.txt
		quietly "probe of all exports" probe "${all[@]}"
		refused 'undefined reference' probe lws_no_such_function
	done
}

# snapshot DIRECTORY: all that is in it.
snapshot() { (cd "$1" && find . \( -type f -exec cksum {} + \) -o -printf '%y %p %l\n' | LC_ALL=C sort); }

no_build_paths() {
	local file
	while read -r file; do
		! grep -qF -e "$root" -e "$target" -e "$1" "$file" || die "$file names a directory of the build: $(grep -F -e "$root" -e "$target" -e "$1" "$file")"
	done < <(find "$1" -name '*.cmake' -o -name '*.h' -o -name '*.pc')
}

# A package is staged, and then is somewhere else.
staged() {
	local stage=$scratch/stage
	make_target install "DESTDIR=$stage" PREFIX=/usr LIBDIR=lib/x86_64-linux-gnu
	no_build_paths "$stage"
	[ "$(readlink "$stage/usr/lib/x86_64-linux-gnu/libwebsockets.so")" = "$soname" ] || die "libwebsockets.so is no link to $soname"
	readelf -d "$stage/usr/lib/x86_64-linux-gnu/$soname" | grep -q "SONAME.*\[$soname\]" || die "the SONAME is not $soname"
	snapshot "$stage" >"$scratch/once"
	make_target install "DESTDIR=$stage" PREFIX=/usr LIBDIR=/usr/lib/x86_64-linux-gnu
	snapshot "$stage" | diff -u "$scratch/once" - || die "a second installation differs from the first"

	mv "$stage/usr" "$scratch/moved"
	prefix=$scratch/moved lib=$scratch/moved/lib/x86_64-linux-gnu
	quietly "moved" configure "$sources/example" "$scratch/build"
	is_this_installation "$scratch/build"
	quietly "build with a moved installation" cmake --build "$scratch/build"
	runs shared "$scratch/build/lws-installed-example"
	language=C
	# shellcheck disable=SC2046
	compile $(pkg_config --define-variable=prefix="$prefix" --cflags libwebsockets)
	# shellcheck disable=SC2046
	link shared $(pkg_config --define-variable=prefix="$prefix" --libs libwebsockets)

	rm "$lib/libwebsockets.a"
	refused 'libwebsockets.a is not: libwebsockets is not installed whole' configure "$sources/example" "$scratch/build"
	mv "$scratch/moved" "$stage/usr"
	make_target uninstall "DESTDIR=$stage" PREFIX=/usr LIBDIR=lib/x86_64-linux-gnu
	# these are the system's
	[ "$(cd "$stage" && find . | LC_ALL=C sort | tr '\n' ' ')" = ". ./usr ./usr/include ./usr/lib " ] ||
		die "left after uninstall: $(find "$stage")"
}

# with_neighbours LIBDIR: what others have installed there stays, and nothing of ours does.
with_neighbours() {
	local there=$scratch/shared-prefix
	mkdir -p "$there/include/libother" "$there/lib/pkgconfig"
	touch "$there/include/other.h" "$there/include/libother/libwebsockets.h" "$there/lib/libother.so" "$there/lib/pkgconfig/other.pc"
	snapshot "$there" >"$scratch/before"
	make_target install "PREFIX=$there" "LIBDIR=$1"
	make_target uninstall "PREFIX=$there" "LIBDIR=$1"
	snapshot "$there" | diff -u "$scratch/before" - || die "uninstall with LIBDIR=$1 did not leave what was there before"
	make_target uninstall "PREFIX=$there" "LIBDIR=$1"
	grep -q '^nothing is installed' "$scratch/log" || die "a second uninstall does not say that there is nothing"
	rm -r "$there"
}

refusals() {
	local there=$scratch/another
	mkdir -p "$there/lib/pkgconfig" "$there/include"
	printf '%s\n' 'Name: libwebsockets' 'Description: Websockets server and client library' >"$there/lib/pkgconfig/libwebsockets.pc"
	touch "$there/include/libwebsockets.h"
	refused 'is another one' make -s uninstall "PREFIX=$there"
	[ -e "$there/include/libwebsockets.h" ] || die "uninstall removed the header of another library"
	touch "$scratch/file"
	refused 'cannot write to' make -s install "PREFIX=$scratch/file/prefix"
	refused 'absolute path' make -s install PREFIX=relative
	refused 'free of blanks' make -s install "PREFIX=$scratch/a b"
	refused 'without . and ..' make -s install "PREFIX=$scratch" LIBDIR=../lib
	# Root may write everywhere: what another user is told is asked as nobody, where that one may read a copy of the script.
	local nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	mkdir "$scratch/copy"
	cp -r include packaging scripts "$scratch/copy"
	chmod 755 "$scratch" "$scratch/copy"
	if [ "$(id -u)" = 0 ] && "${nobody[@]}" test -r "$scratch/copy/scripts/install.sh" 2>/dev/null; then
		refused 'cannot write to' env PREFIX="$scratch/prefix" CARGO_TARGET_DIR=/tmp "${nobody[@]}" "$scratch/copy/scripts/install.sh"
	fi
}

scratch_dir
prefix=$scratch/prefix lib=$prefix/lib
make_target install "PREFIX=$prefix"
no_build_paths "$prefix/lib/cmake"
by_pkg_config
by_name
config
capi_metadata
by_find_package
versions
example
probes
make_target uninstall "PREFIX=$prefix"
[ ! -e "$prefix" ] || die "left after uninstall: $(find "$prefix")"
refused 'libwebsockets' configure "$sources/example" "$scratch/build" -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF
staged
with_neighbours lib
with_neighbours lib/x86_64-linux-gnu
with_neighbours "$scratch/shared-prefix/lib64/deep"
refusals
echo "installed: found by pkg-config, find_package, -l and probes, C and C++, shared and static; moved, repeated, removed"
