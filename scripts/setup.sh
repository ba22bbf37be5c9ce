#!/usr/bin/env bash
# setup.sh [build|test|conformance|deb|deb-test]: looks for what building (default), testing or packaging needs,
# and installs what is missing through apt where it may: as root, or with a sudo that asks for no password. Otherwise it says
# what is missing and fails.
set -eu
. "$(dirname "$0")/common.sh"

packages=()

# need PACKAGE CHECK...: the package is missing when the check fails.
need() {
	local package=$1
	shift
	"$@" >/dev/null 2>&1 || packages+=("$package")
}

# need_if_any PACKAGE CHECK...: the same, but only where there is such a package: not every release has it.
need_if_any() {
	"${@:2}" >/dev/null 2>&1 || ! apt-cache show "$1" >/dev/null 2>&1 || packages+=("$1")
}

have() { command -v "$1"; }

links_asan() {
	echo 'int main(void) { return 0; }' | clang -fsanitize=address -x c - -o /dev/null
}

find_missing() {
	packages=()
	need gcc have "${CC%% *}"
	need libc6-dev test -e /usr/include/stdio.h
	need make have make
	need pkg-config have pkg-config
	need libssl-dev pkg-config --exists openssl
	if [ "$1" = conformance ]; then
		need python3-venv python3 -c 'import ensurepip'
		need openssl have openssl
		need haproxy have haproxy
	fi
	case $1 in deb*)
		need dpkg-dev have dpkg-buildpackage
		need debhelper have dh
		[ "$1" = deb ] || need debootstrap have debootstrap
		[ "$1" = deb ] || need lintian have lintian
		;;
	esac
	[ "$1" = test ] || return 0
	need g++ have g++
	need clang have clang
	need cmake have cmake
	need valgrind have valgrind
	# valgrind follows the loader by the symbols in there
	! have valgrind >/dev/null || need libc6-dbg valgrind -q true
	need patch have patch
	need binutils have readelf
	# the servers of the stories; a story whose server is missing is skipped
	need nginx-light have nginx
	need nghttp2-server have nghttpd
	need nodejs have node
	need apache2-bin have apache2
	need python3-hypercorn test -d /usr/lib/python3/dist-packages/hypercorn
	need nghttp2-proxy have nghttpx
	need python3-websockets test -d /usr/lib/python3/dist-packages/websockets
	need node-ws test -d /usr/share/nodejs/ws
	need_if_any tinyproxy-bin have tinyproxy
	need_if_any microsocks have microsocks
	need_if_any h2o have h2o
	# last: which package it is depends on the clang that is there
	if have clang >/dev/null; then
		need "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev" links_asan
	fi
}

apt_command() {
	if [ "$(id -u)" = 0 ]; then
		echo "apt-get"
	elif sudo -n true 2>/dev/null; then
		echo "sudo -n apt-get"
	fi
}

install_missing() {
	local apt
	have apt-get >/dev/null && apt=$(apt_command) || apt=
	if [ -z "$apt" ]; then
		echo "missing: ${packages[*]}" >&2
		echo "install them with: sudo apt-get install -y ${packages[*]}" >&2
		return 1
	fi
	echo "installing: ${packages[*]}"
	export DEBIAN_FRONTEND=noninteractive
	$apt update -q </dev/null && $apt install -q -y --no-install-recommends "${packages[@]}" </dev/null || {
		echo "could not install; missing: ${packages[*]}" >&2
		return 1
	}
}

need_rust() {
	command -v cargo >/dev/null ||
		die "missing: cargo. Rust 1.95 or later builds the library: https://rustup.rs or your distribution's package"
	# Inside a workspace that asks for more than there is, cargo says so itself, and better.
}

what=${1:-build}
case $what in build | test | conformance | deb | deb-test) ;; *) die "usage: setup.sh [build|test|conformance|deb|deb-test]" ;; esac
need_rust
# Twice: a clang that has just come may lack its sanitizer's runtime.
for _ in 1 2; do
	find_missing "$what"
	[ ${#packages[@]} = 0 ] && exit 0
	install_missing || exit 1
done
find_missing "$what"
[ ${#packages[@]} = 0 ] || die "still missing after installing: ${packages[*]}"
