#!/usr/bin/env bash
# first.sh: does what README tells a new user to do: installs into a prefix, builds the first program with pkg-config,
# shared and static, and runs it.
set -eu
. "$(dirname "$0")/common.sh"
. scripts/server.sh

scratch_dir
prefix=$scratch/prefix
PREFIX=$prefix LIBDIR='' DESTDIR='' scripts/install.sh >/dev/null
cargo build --release --package demo-server

# Not exported: cargo would build the crates that ask pkg-config anew.
pkg_config() { PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config "$@"; }

# pkg-config's answers are words, not one argument
# shellcheck disable=SC2046
"$CC" -std=c11 -Wall -Wextra -Werror examples/first.c -o "$scratch/first" \
	$(pkg_config --cflags --libs libwebsockets) -Wl,-rpath,"$prefix/lib"
# shellcheck disable=SC2046
"$CC" -std=c11 -Wall -Wextra -Werror examples/first.c -o "$scratch/first-static" \
	$(pkg_config --cflags --libs libwebsockets_static)
ldd "$scratch/first" | grep -qF "$prefix/lib/$soname" || die "first does not use the installed $soname"
! ldd "$scratch/first-static" | grep -q libwebsockets || die "first-static uses a shared libwebsockets"

start_server "$scratch/ca.pem"
for program in first first-static; do
	SSL_CERT_FILE=$scratch/ca.pem "$scratch/$program" localhost "$port" /bytes/10 /bytes/100000 >"$scratch/output" || {
		cat "$scratch/output"
		die "$program failed"
	}
	grep -q '^/bytes/100000: status 200$' "$scratch/output" || die "$program printed something else"
done

# README shows this very program.
awk '/^```c$/ { on = 1; next } /^```$/ { if (on) exit } on' README.md | diff -u examples/first.c - ||
	die "the program in README.md differs from examples/first.c"
echo "first.c: installed, built by pkg-config, shared and static, ran"
