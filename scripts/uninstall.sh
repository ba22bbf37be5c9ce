#!/usr/bin/env bash
# uninstall.sh: removes what install.sh puts under the same PREFIX, LIBDIR and DESTDIR, and nothing else; `make uninstall`.
set -eu
. "$(dirname "$0")/common.sh"
. scripts/layout.sh

# Another libwebsockets has files of the same names.
is_ours() { grep -qs '^Description: Broadside' "$destdir$pcdir/libwebsockets.pc"; }

# remove_empty DIRECTORY STOP: the directory and those above it, as long as nothing is in them, and STOP stays.
remove_empty() {
	local directory=$1
	while [[ $directory == "$2"/* ]]; do
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

# The directories every system has stay.
stop=$(dirname "$prefix")
case $prefix in /usr | /usr/local) stop=$prefix ;; esac
for directory in "$cmakedir" "$pcdir" "$incdir/libwebsockets"; do
	case $directory in */libwebsockets) rmdir "$destdir$directory" 2>/dev/null || true ;; esac
	remove_empty "$directory" "${stop%/}"
done
refresh_loader_cache
echo "uninstalled: headers from $destdir$incdir, libraries from $destdir$libdir"
