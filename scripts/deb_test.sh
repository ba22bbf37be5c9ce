#!/usr/bin/env bash
# deb_test.sh: the packages of deb.sh in a fresh Debian of this machine's release: installed in the place of Debian's own
# libwebsockets-dev, beside its library, used by programs, and removed again; `make deb-test`. Root only: it makes a chroot.
set -eu
. "$(dirname "$0")/common.sh"

runtime=libwebsockets19-broadside
development=libwebsockets-broadside-dev
packages=$target/packages
base=$target/debian-root

[ "$(id -u)" = 0 ] || die "debootstrap and chroot want root"
compgen -G "$packages/$development"_*.deb >/dev/null || die "no packages in $packages; run scripts/deb.sh first"

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $suite" | head -n 1)

# A bare Debian, kept for the next time.
make_base() {
	[ ! -e "$base/ready" ] || return 0
	rm -rf "$base"
	debootstrap --variant=minbase --include=gcc,g++,libc6-dev,make,cmake,pkg-config,libssl-dev "$suite" "$base" \
		"${mirror:-http://deb.debian.org/debian}" >"$target/debian-root.log" 2>&1 || {
		tail -n 20 "$target/debian-root.log" >&2
		die "debootstrap failed; all that it said is in $target/debian-root.log"
	}
	touch "$base/ready"
}

# inside COMMAND...: in there; what it says is kept in $scratch/log, and shown when it fails.
inside() {
	chroot "$chroot" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive \
		"$@" >"$scratch/log" 2>&1 </dev/null || {
		cat "$scratch/log" >&2
		die "in $suite: failed: $*"
	}
}
apt() { inside apt-get -q -y --no-install-recommends -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 "$@"; }

# has installed|absent PACKAGE...
has() {
	local state package wanted=$1
	shift
	for package; do
		state=$(chroot "$chroot" dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=absent
		[ "$state" != not-installed ] || state=absent
		[ "$state" = "$wanted" ] || die "in $suite: $package is $state, not $wanted"
	done
}

# uses VERSION: what a program that is built in there by pkg-config links and says.
uses() {
	inside sh -c "cc /try/version.c -o /try/version \$(pkg-config --cflags --libs libwebsockets) && /try/version"
	grep -q "^$1" "$scratch/log" || die "in $suite: a program uses $(cat "$scratch/log"), not $1"
}

programs() {
	uses 4.3.5-broadside
	inside sh -c 'cc /try/install/consumer.c -o /try/a $(pkg-config --cflags --libs libwebsockets) && /try/a'
	inside sh -c 'cc /try/install/consumer.c -o /try/a $(pkg-config --cflags --libs libwebsockets_static) && /try/a'
	inside sh -c 'cc -static /try/install/consumer.c -o /try/a $(pkg-config --static --cflags --libs libwebsockets) && /try/a'
	inside sh -c 'c++ -x c++ /try/install/consumer.c -o /try/a -lwebsockets && /try/a'
	inside sh -c 'cmake -S /try/install/example -B /try/build && cmake --build /try/build && /try/build/lws-installed-example'
	inside sh -c 'cmake -S /try/install/plain -B /try/plain -DLANGUAGE=C -DSPELLING=Libwebsockets -DWANTED=4.3 &&
		cmake --build /try/plain && for program in shared static static-deps static-both; do /try/plain/$program || exit 1; done'
}

make_base
scratch_dir
chroot=$scratch/root
cp -a "$base" "$chroot"
mkdir "$chroot/try"
cp -r capi-tests/install "$chroot/try/"
cp "$packages"/*.deb "$chroot/try/"
printf '%s\n' '#include <libwebsockets.h>' '#include <stdio.h>' 'int main(void) { return puts(lws_get_library_version()) < 0; }' \
	>"$chroot/try/version.c"

# Debian's, and a program that uses it.
apt update
apt install libwebsockets-dev libcap-dev
theirs=$(chroot "$chroot" dpkg-query -W -f '${Depends}' libwebsockets-dev | sed 's/\(libwebsockets[0-9a-z]*\) .*/\1/')
chroot "$chroot" dpkg -L libwebsockets-dev "$theirs" | LC_ALL=C sort >"$scratch/their-files"
uses "$(chroot "$chroot" dpkg-query -W -f '${Version}' "$theirs" | sed 's/-.*//')"
cp "$chroot/try/version" "$chroot/try/version-theirs"

# Ours instead of theirs, by apt. Their library stays where its file has another name, and the program that was there works on.
apt install "/try/$(cd "$packages" && ls $runtime""_*.deb)" "/try/$(cd "$packages" && ls $development""_*.deb)"
has installed $runtime $development
has absent libwebsockets-dev
case $theirs in
libwebsockets19*) has absent "$theirs" ;;
*)
	has installed "$theirs"
	inside /try/version-theirs
	! grep -q broadside "$scratch/log" || die "in $suite: a program that was built with $theirs uses Broadside now"
	;;
esac
inside dpkg --audit
[ ! -s "$scratch/log" ] || die "in $suite: dpkg --audit: $(cat "$scratch/log")"
programs
# What is built from libwebsockets-dev has it.
apt --no-remove satisfy 'libwebsockets-dev (>= 4.3)'
has installed $development

# Theirs again, and then ours by dpkg alone, which knows from Replaces which of the two goes.
apt install libwebsockets-dev
has absent $development
LC_ALL=C sort <(chroot "$chroot" dpkg -L libwebsockets-dev "$theirs") | diff -u "$scratch/their-files" - || die "their files are others now"
inside sh -c "dpkg -i /try/${runtime}_*.deb /try/${development}_*.deb"
has installed $runtime $development
has absent libwebsockets-dev
uses 4.3.5-broadside

# Gone without a trace.
apt purge $runtime $development
has absent $runtime $development
left=$(find "$chroot/usr" "$chroot/etc" "$chroot/var/lib/dpkg/info" \( -path '*cmake/libwebsockets*' -o -name '*broadside*' \
	-o -name 'libwebsockets*.pc' -o -name 'libwebsockets*.a' -o -name 'lws_config.h' -o -name "$soname*" \) -print)
[ -z "$left" ] || die "left after the purge: $left"
echo "$suite: installed instead of libwebsockets-dev and beside $theirs, used, replaced, removed"
