#!/usr/bin/env bash
# uninstall.sh: removes what install.sh puts under the same PREFIX, LIBDIR and DESTDIR, and nothing else; `make uninstall`.
set -eu
. "$(dirname "$0")/common.sh"
. scripts/layout.sh

# Another libwebsockets has files of the same names.
is_ours() { grep -qs '^Description: Broadside' "$destdir$pcdir/libwebsockets.pc"; }

# Whether a directory may go once nothing is in it: PREFIX and what is below, but of /usr and /usr/local only what is
# further down than what every system has (lib, include).
may_go() {
	case $prefix in
	/usr | /usr/local) [[ $1 == "$prefix"/*/* ]] ;;
	*) [[ $1/ == "$prefix"/* ]] ;;
	esac
}

# remove_empty DIRECTORY: it, and those above.
remove_empty() {
	local directory=$1
	while may_go "$directory"; do
		[ ! -d "$destdir$directory" ] || rmdir "$destdir$directory" 2>/dev/null || break
		directory=$(dirname "$directory")
	done
}

if ! is_ours; then
	[ -e "$destdir$pcdir/libwebsockets.pc" ] &&
		die "the libwebsockets in $destdir$libdir is another one: $destdir$pcdir/libwebsockets.pc does not name Broadside"
	echo "nothing is installed in $destdir$libdir"
	exit
fi
must_be_changeable uninstall

# The .pc file, by which an installation is known, goes last: what was interrupted can be run again.
list_files | while IFS=$'\t' read -r _ _ to; do
	[ "$to" = "$pcdir/libwebsockets.pc" ] || rm -f "$destdir$to"
done
rm -f "$destdir$pcdir/libwebsockets.pc"

# A LIBDIR elsewhere keeps what others have made there, or will.
for directory in "$cmakedir" "$incdir/libwebsockets"; do
	rmdir "$destdir$directory" 2>/dev/null || true
done
for directory in "$cmakedir" "$pcdir" "$incdir/libwebsockets"; do remove_empty "$directory"; done
refresh_loader_cache
echo "uninstalled: headers from $destdir$incdir, libraries from $destdir$libdir"
