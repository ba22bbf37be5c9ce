#!/usr/bin/env bash
# install.sh: puts the library, its headers and libwebsockets.pc under $DESTDIR$PREFIX.
set -eu
. "$(dirname "$0")/common.sh"

prefix=${PREFIX:-/usr/local}
case $prefix in /*) ;; *) die "PREFIX has to be an absolute path, not $prefix" ;; esac
to=${DESTDIR:-}$prefix

# `sudo make install` often has no cargo; then what was built before is installed.
if command -v cargo >/dev/null; then
	scripts/build.sh
elif [ ! -e "$target/release/libwebsockets.so" ]; then
	die "nothing is built and there is no cargo to build it; run \`make build\` as yourself first"
fi

# What a program that links libwebsockets.a needs besides OpenSSL. All of it is part of the C library since glibc 2.34,
# and asking for it does no harm there.
static_libs="-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc"
version=$(awk '$2 == "LWS_LIBRARY_VERSION_MAJOR" { a = $3 } $2 == "LWS_LIBRARY_VERSION_MINOR" { b = $3 }
	$2 == "LWS_LIBRARY_VERSION_PATCH" { c = $3 } END { print a "." b "." c }' include/lws_config.h)

install -d "$to/lib/pkgconfig" "$to/include/libwebsockets"
install -m 755 "$target/release/libwebsockets.so" "$to/lib/$soname"
ln -sf "$soname" "$to/lib/libwebsockets.so"
install -m 644 "$target/release/libwebsockets.a" "$to/lib/libwebsockets.a"
install -m 644 include/*.h "$to/include/"
install -m 644 include/libwebsockets/*.h "$to/include/libwebsockets/"
sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" -e "s|@STATIC_LIBS@|$static_libs|" websockets.pc.in \
	>"$to/lib/pkgconfig/libwebsockets.pc"
chmod 644 "$to/lib/pkgconfig/libwebsockets.pc"

# A program finds the library without an rpath only where the loader's cache names it.
if [ -z "${DESTDIR:-}" ] && [ "$(id -u)" = 0 ] && command -v ldconfig >/dev/null; then
	case $prefix in /usr | /usr/local) ldconfig ;; esac
fi
echo "installed into $to"
