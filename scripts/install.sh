#!/usr/bin/env bash
# install.sh: puts the library, its headers, the pkg-config files and the CMake package under $DESTDIR$PREFIX; `make install`.
set -eu
. "$(dirname "$0")/common.sh"
. scripts/layout.sh

# `sudo make install` often has no cargo; then what was built before is installed.
build() {
	if command -v cargo >/dev/null; then
		scripts/build.sh
	elif [ ! -e "$target/release/libwebsockets.so" ] || [ ! -e "$target/release/libwebsockets.a" ]; then
		die "nothing is built and there is no cargo to build it; run \`make build\` as yourself first"
	fi
}

# From lws_config.h.
api_version() {
	awk '$2 == "LWS_LIBRARY_VERSION_MAJOR" { a = $3 } $2 == "LWS_LIBRARY_VERSION_MINOR" { b = $3 }
		$2 == "LWS_LIBRARY_VERSION_PATCH" { c = $3 } END { print a "." b "." c }' include/lws_config.h
}

# Where LIBDIR is below PREFIX, all of it may be moved together: the paths say how to get from one to the other.
find_relative_paths() {
	local rest
	case $libdir/ in
	"$prefix"/*)
		pc_libdir='${exec_prefix}'${libdir#"$prefix"}
		rest=${libdir#"$prefix"}
		cmake_includedir='${_lws_libdir}'
		while [ "$rest" ]; do
			cmake_includedir+=/.. rest=${rest%/*}
		done
		cmake_includedir+=/include
		;;
	*)
		pc_libdir=$libdir
		cmake_includedir=$incdir
		;;
	esac
}

# fill_in TEMPLATE
fill_in() {
	sed -e "s|@PREFIX@|$prefix|g" -e "s|@PC_LIBDIR@|$pc_libdir|g" -e "s|@CMAKE_INCLUDEDIR@|$cmake_includedir|g" \
		-e "s|@VERSION@|$version|g" -e "s|@SONAME@|$soname|g" -e "s|@STATIC_LIBS@|$static_libs|g" \
		-e "s|@STATIC_LIBS_LIST@|${static_libs// /;}|g" "$1"
}

# A program that runs keeps the library that it has: the new one is put beside it, then takes its name.
install_one() {
	local mode=$1 source=$2 to=$3
	install -d "$(dirname "$to")"
	case $mode in
	l) ln -sf "$source" "$to.new" ;;
	@) fill_in "$source" >"$to.new" && chmod 644 "$to.new" ;;
	*) install -m "$mode" "$source" "$to.new" ;;
	esac
	mv -fT "$to.new" "$to"
}

must_be_changeable install
build
version=$(api_version)
find_relative_paths
umask 022
# A pipe, as a chroot may be without /dev/fd.
list_files | while IFS=$'\t' read -r mode source to; do
	install_one "$mode" "$source" "$destdir$to"
done
refresh_loader_cache
echo "installed: headers in $destdir$incdir, libraries in $destdir$libdir"
