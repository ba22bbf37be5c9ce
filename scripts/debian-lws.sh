#!/usr/bin/env bash
# debian-lws.sh: Debian's own libwebsockets, unpacked and not installed, to compare with and as a peer. Prints a directory with
# `include` and `lib`; fails where apt has no such packages.
set -eu
. "$(dirname "$0")/common.sh"

there=$target/debian-lws
if [ ! -d "$there/lib" ]; then
	rm -rf "$there"
	mkdir -p "$there/packages" "$there/found"
	cd "$there/packages"
	apt-cache show libwebsockets-dev >/dev/null 2>&1 || apt-get -q update >&2
	library=$(apt-cache depends libwebsockets-dev | sed -n 's/^ *Depends: \(libwebsockets[0-9].*\)/\1/p')
	# libcap: its header includes that one's
	apt-get -q -o APT::Sandbox::User=root download libwebsockets-dev "${library:?}" libcap-dev libcap2 >&2
	for package in *.deb; do dpkg -x "$package" "$there/root"; done
	ln -s root/usr/include "$there/include"
	find "$there/root" -name '*.so*' -exec ln -sf -t "$there/found" {} +
	mv "$there/found" "$there/lib"
fi
echo "$there"
