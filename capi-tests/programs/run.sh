#!/usr/bin/env bash
# run.sh: builds each program here twice, unchanged: with our header and library, and with Debian's libwebsockets. Runs both
# against the same server, plain and over TLS, and compares what they printed and what the server saw.
#
#   --only NAME      this program alone
#   --ours DIR       where our libwebsockets.so is (default: target/release); our header is the tree's
#   --self           Debian's against itself: is the transcript the same in every run?
#   --work DIR       where packages, programs and transcripts go (default: target/programs); kept, so that a second run is quick
#
# With OURS_ASAN=DIR in the environment each program also runs with the library there, which is built for AddressSanitizer;
# without --ours, with that one alone.
# Ends with 77 when Debian's packages or Python's websockets are not to be had.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
websockets=websockets==15.0.1
warnings="-Wall -Wextra -Wpedantic -Werror -O1 -g"

die() { echo "run.sh: $*" >&2; exit 1; }
skip() { echo "run.sh: skipped: $*"; exit 77; }

only='' self='' ours='' work=''
while [ $# -gt 0 ]; do
	case $1 in
	--only) only=$2; shift 2 ;;
	--ours) ours=$(cd "$2" && pwd); shift 2 ;;
	--work) work=$2; shift 2 ;;
	--self) self=yes; shift ;;
	*) die "usage: run.sh [--only NAME] [--ours DIR] [--self] [--work DIR]" ;;
	esac
done
target=${CARGO_TARGET_DIR:-$root/target}
work=${work:-$target/programs}
kinds=(ours)
if [ -n "$self" ]; then
	kinds=(debian)
elif [ -n "${OURS_ASAN:-}" ]; then
	[ -n "$ours" ] && kinds=(ours asan) || kinds=(asan)
fi
ours=${ours:-$target/release}
mkdir -p "$work"
work=$(cd "$work" && pwd)
names=(classic_echo kubectl_exec session_thread three_threads audio_stream exchange_feed mqtt_ws slow_consumer many_connections)
# Those that speak HTTP have another server, and what they need of it in their environment.
http=(signed_post rest_poller downloader many_urls redirects unix_client own_ctx proxy_user event_loop)
forms=(form_poster sse_reader)
names+=("${http[@]}" "${forms[@]}")
if [ -n "$only" ]; then
	[[ " ${names[*]} " = *" $only "* ]] || die "no program $only; there are: ${names[*]}"
	names=("$only")
fi

# ---- what is needed from elsewhere; made once, under a lock: ctest runs several of us ----

# Debian's library with headers, and the headers that its own includes; not installed, only unpacked.
fetch_debian() {
	local dir=$work/debian
	[ ! -e "$dir/done" ] || return 0
	rm -rf "$dir" && mkdir -p "$dir/debs"
	(
		cd "$dir/debs"
		apt-get download -q libwebsockets-dev ||
			{ apt-get update -q && apt-get download -q libwebsockets-dev; } || exit 1
		library=$(dpkg-deb -f libwebsockets-dev_*.deb Depends |
			grep -o 'libwebsockets[0-9][0-9a-z]*' | head -n 1) &&
			apt-get download -q "$library" libcap-dev libuv1-dev libev-dev &&
			for deb in *.deb; do dpkg-deb -x "$deb" ..; done
	) >"$dir/log" 2>&1 || return 1
	find "$dir/usr/lib" -name libwebsockets.so -printf '%h\n' >"$dir/libdir"
	touch "$dir/done"
}

fetch_python() {
	[ -e "$work/python/done" ] && return 0
	python3 -m pip install -q --no-input --disable-pip-version-check --upgrade --target "$work/python" "$websockets" \
		>"$work/python.log" 2>&1 && touch "$work/python/done"
}

make_certificate() {
	[ ! -e "$work/cert.pem" ] || return 0
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
		-keyout "$work/key.pem" -out "$work/cert.pem.new" -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost 2>"$work/openssl.log" && mv -f "$work/cert.pem.new" "$work/cert.pem"
}

# library_dir KIND: where the library of that kind is.
library_dir() {
	case $1 in
	debian) cat "$work/debian/libdir" ;;
	ours) echo "$ours" ;;
	asan) echo "$OURS_ASAN" ;;
	esac
}

# The loader looks for the SONAME, which cargo does not put there. Another of us may be using the link.
name_by_soname() {
	local library name
	library=$(library_dir "$1")/libwebsockets.so
	[ -e "$library" ] || die "no $library: scripts/build.sh, or stories.sh asan, makes it"
	name=$(readelf -d "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
	mkdir -p "$work/$1/lib"
	[ "$(readlink "$work/$1/lib/$name")" = "$library" ] || ln -sf "$library" "$work/$1/lib/$name"
}

prepare() {
	exec 8>"$work/lock"
	flock 8
	fetch_debian || skip "Debian's libwebsockets is not to be had: $(tail -n 1 "$work/debian/log")"
	fetch_python || skip "Python's websockets is not to be had: $(tail -n 1 "$work/python.log")"
	make_certificate || die "no certificate: $(cat "$work/openssl.log")"
	for kind in debian "${kinds[@]}"; do name_by_soname "$kind"; done
	exec 8>&-
}

# ---- building ----

# build KIND NAME: the program $work/KIND/NAME. Debian's header is a system header: its warnings are not ours.
build() {
	local kind=$1 name=$2 source=$here/$2.c compiler=${CC:-cc} standard=-std=c11 flags
	[ -e "$source" ] || { source=$here/$name.cc compiler=${CXX:-c++} standard=-std=c++17; }
	case $kind in
	debian) flags="-isystem $work/debian/usr/include $(library_dir debian)/libwebsockets.so" ;;
	ours) flags="-I$root/include $ours/libwebsockets.so" ;;
	asan)
		[ "$source" = "${source%.cc}" ] && compiler=clang || compiler=clang++
		flags="-fsanitize=address -fno-omit-frame-pointer -I$root/include $OURS_ASAN/libwebsockets.so"
		;;
	esac
	# Debian's library does not tell of sockets.
	[ "$name" != event_loop ] || [ "$kind" = debian ] || flags+=" -DLWS_WITH_EXTERNAL_POLL"
	mkdir -p "$work/$kind"
	# shellcheck disable=SC2086
	$compiler $standard -D_GNU_SOURCE $warnings "$source" -o "$work/$kind/$name" $flags -lssl -lcrypto -lpthread \
		>"$work/$kind/$name.build" 2>&1
}

# ---- running ----

# one_run KIND NAME plain|tls AS: leaves the program's transcript and the server's in $work/runs/NAME.MODE.AS.*
one_run() {
	local out=$work/runs/$2.$3.$4 tls=() ca=() port proxy status=0 server script=programs.py
	[[ " ${http[*]} " = *" $2 "* ]] && script=programs_http.py
	[[ " ${forms[*]} " = *" $2 "* ]] && script=programs_forms.py
	[ "$3" = plain ] || tls=("$work/cert.pem" "$work/key.pem") ca=("$work/cert.pem")
	mkdir -p "$work/runs"
	rm -f "$out".*
	exec 7< <(PYTHONPATH=$work/python PYTHONDONTWRITEBYTECODE=1 exec python3 "$here/../servers/$script" \
		"$out.server" "${tls[@]}" 2>"$out.server-errors")
	server=$!
	read -r port proxy <&7 || { echo "the server did not start: $(cat "$out.server-errors")"; return 1; }
	PROGRAM_PROXY=$proxy PROGRAM_SOCKET=$out.server.sock \
		LD_LIBRARY_PATH=$work/$1/lib ASAN_OPTIONS=detect_stack_use_after_return=0 timeout -k 5 90 \
		"$work/$1/$2" "$port" "${ca[@]}" >"$out.transcript" 2>"$out.errors" || status=$?
	kill "$server"
	# Its output ends when it does.
	read -r _ <&7 || :
	exec 7<&-
	[ "$status" = 0 ] || { echo "$2 ($1, $3) ended with $status"; tail -n 20 "$out.transcript" "$out.errors"; return 1; }
	is_right_library "$1" "$out.errors" || return 1
	! grep FAILED "$out.server" || { echo "the server did not get what it waited for"; tail -n 20 "$out.transcript"; return 1; }
	[ "$(tail -n 1 "$out.transcript")" = end ] || { echo "no end"; tail -n 20 "$out.transcript"; return 1; }
}

# is_right_library KIND FILE: the machine may have another that the loader prefers.
is_right_library() {
	local said
	said=$(grep '^library: ' "$2")
	case $1:$said in
	debian:*broadside*) ;;
	debian:* | *:*broadside*) return 0 ;;
	esac
	echo "not the library of $1: $said"
	return 1
}

# same_seen A B: both transcripts of two runs.
same_seen() {
	diff -u "$1.transcript" "$2.transcript" && diff -u <(as_ours "$1.server") "$2.server"
}

# as_ours SERVER-LOG: over TLS an origin is an https one; Debian's library says http all the same.
as_ours() {
	case $1 in
	*.tls.*) sed 's|Origin: http://|Origin: https://|' "$1" ;;
	*) cat "$1" ;;
	esac
}

# one_program NAME: builds what is to be compared and compares it.
one_program() {
	local name=$1 mode kind
	for kind in debian "${kinds[@]}"; do
		build "$kind" "$name" || { echo "$name does not build ($kind):"; head -n 20 "$work/$kind/$name.build"; return 1; }
	done
	for mode in plain tls; do
		one_run debian "$name" $mode reference || return 1
		for kind in "${kinds[@]}"; do
			one_run "$kind" "$name" $mode "$kind" || return 1
			same_seen "$work/runs/$name.$mode.reference" "$work/runs/$name.$mode.$kind" || {
				echo "$name ($mode): Debian's (-) and $kind (+) saw different things"
				return 1
			}
		done
	done
}

prepare
passed=0 failed=0
for name in "${names[@]}"; do
	if report=$(one_program "$name" 2>&1); then
		passed=$((passed + 1))
		echo "ok    $name"
	else
		failed=$((failed + 1))
		printf 'FAIL  %s\n%s\n' "$name" "$report"
	fi
done
echo "programs: $passed passed, $failed failed"
[ "$failed" = 0 ]
