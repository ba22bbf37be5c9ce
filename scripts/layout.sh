# Sourced after common.sh: where an installation's files are, for install.sh and uninstall.sh. PREFIX, LIBDIR (absolute, or
# below PREFIX) and DESTDIR come from the environment.
# shellcheck shell=bash

prefix=${PREFIX:-/usr/local}
libdir=${LIBDIR:-lib}
destdir=${DESTDIR:-}

# tidy PATH: without doubled and trailing slashes.
tidy() {
	local path=$1
	while [[ $path == *//* ]]; do path=${path//\/\//\/}; done
	[ "$path" = / ] || path=${path%/}
	echo "$path"
}

[[ $prefix == /* ]] || die "PREFIX has to be an absolute path, not $prefix"
[[ $libdir == /* ]] || libdir=$prefix/$libdir
prefix=$(tidy "$prefix") libdir=$(tidy "$libdir") destdir=$(tidy "$destdir")
[ "$prefix" != / ] || die "PREFIX must not be /: use /usr"
case $prefix$libdir in
# neither pkg-config nor CMake can be told of such paths
*[[:space:]\"\'\\\$\;\|\&\#]*) die "PREFIX and LIBDIR must be free of blanks and of characters that shells read: $prefix, $libdir" ;;
esac
case $prefix/$libdir/ in
*/./* | */../*) die "PREFIX and LIBDIR must be without . and .. ($prefix, $libdir)" ;;
esac

incdir=$prefix/include
cmakedir=$libdir/cmake/libwebsockets
pcdir=$libdir/pkgconfig

# What a program that links the archive needs besides OpenSSL, beyond what a compiler links anyway. All of it is part of the
# C library since glibc 2.34, and asking for it does no harm there.
static_libs="-lutil -lrt -lpthread -lm -ldl"

# A line each: MODE SOURCE DESTINATION, by tabs. `@` as the mode: to be filled in; `l`: a symbolic link with that text.
list_files() {
	local header
	row() { printf '%s\t%s\t%s\n' "$@"; }
	# First, as uninstall.sh knows an installation by it.
	row @ packaging/libwebsockets.pc.in "$pcdir/libwebsockets.pc"
	row 755 "$target/release/libwebsockets.so" "$libdir/$soname"
	row l "$soname" "$libdir/libwebsockets.so"
	row 644 "$target/release/libwebsockets.a" "$libdir/libwebsockets.a"
	# The name under which -l finds the archive where the shared library is too.
	row l libwebsockets.a "$libdir/libwebsockets_static.a"
	for header in include/*.h; do row 644 "$header" "$incdir/${header##*/}"; done
	for header in include/libwebsockets/*.h; do row 644 "$header" "$incdir/libwebsockets/${header##*/}"; done
	row @ packaging/libwebsockets_static.pc.in "$pcdir/libwebsockets_static.pc"
	row @ packaging/cmake/libwebsockets-config.cmake.in "$cmakedir/libwebsockets-config.cmake"
	row @ packaging/cmake/libwebsockets-config-version.cmake.in "$cmakedir/libwebsockets-config-version.cmake"
	row @ packaging/cmake/LibwebsocketsTargets.cmake.in "$cmakedir/LibwebsocketsTargets.cmake"
	row @ packaging/cmake/LwsCheckRequirements.cmake "$cmakedir/LwsCheckRequirements.cmake"
}

# changeable DIRECTORY: this user may add to and remove from it, or make it.
changeable() {
	local there=$1
	while [ ! -e "$there" ] && [ ! -L "$there" ]; do there=$(dirname "$there"); done
	[ -d "$there" ] && [ -w "$there" ] && [ -x "$there" ]
}

must_be_changeable() {
	local directory
	for directory in "$libdir" "$pcdir" "$cmakedir" "$incdir" "$incdir/libwebsockets"; do
		changeable "$destdir$directory" ||
			die "cannot write to $destdir$directory: be root (sudo make $1 ...), or choose another PREFIX or DESTDIR"
	done
}

# A program finds the library without an rpath only where the loader's cache names it.
refresh_loader_cache() {
	if [ -z "$destdir" ] && [ "$(id -u)" = 0 ] && command -v ldconfig >/dev/null; then
		case $prefix in /usr | /usr/local) ldconfig ;; esac
	fi
}
