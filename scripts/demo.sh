#!/usr/bin/env bash
# demo.sh [--check]: fetches from a TLS server on loopback, without pipelining and with it, and shows both sides.
#
# With --check it prints little, and fails unless the server saw one connection a request without -p, a single one
# with -p, and there began to answer in the order in which it was asked.
set -eu
. "$(dirname "$0")/common.sh"
. scripts/server.sh

check=${1:-}
case $check in "" | --check) ;; *) die "usage: demo.sh [--check]" ;; esac

count=8
scratch_dir

build_all() {
	scripts/build.sh
	cargo build --release --package demo-server
	"$CC" -std=c11 -O2 -Wall -Wextra -Wpedantic -Werror -Iinclude examples/fetch-many.c -o "$scratch/fetch-many" \
		-L"$target/release" -lwebsockets -Wl,-rpath,"$target/release"
}

# fetch NAME [OPTION...]: what the client printed is in NAME.client, what the server saw in NAME.server.
fetch() {
	local name=$1
	shift
	"$scratch/fetch-many" "$@" --cacert "$scratch/ca.pem" "${urls[@]}" >"$scratch/$name.client" || {
		cat "$scratch/$name.client"
		die "fetch-many $* failed"
	}
	ask_server >"$scratch/$name.server"
}

show() {
	printf '\n$ fetch-many %s--cacert CA %s ... %s\n\n' "$2" "${urls[0]}" "${urls[-1]}"
	cat "$scratch/$1.client"
	printf '\nWhat the server saw:\n'
	sed 's/^/  /' "$scratch/$1.server"
}

# verify NAME ACCEPTS
verify() {
	local want="accepts=$2 requests=$count"
	[ "$(head -n 1 "$scratch/$1.server")" = "$want" ] || {
		cat "$scratch/$1.server" >&2
		die "$1: the server should have said $want"
	}
}

verify_order() {
	sed -n 's/^first-byte //p' "$scratch/$1.server" >"$scratch/answered"
	diff -u "$scratch/asked" "$scratch/answered" || die "$1: the first bytes did not come in the order of asking"
}

build_all
start_server "$scratch/ca.pem"
urls=()
for i in $(seq "$count"); do
	path="/slow/$((20 + i * 17 % 40))?request=$i"
	echo "$path" >>"$scratch/asked"
	urls+=("https://localhost:$port$path")
done
fetch without
fetch with -p
if [ -z "$check" ]; then
	show without ""
	show with "-p "
	echo
fi
verify without "$count"
verify with 1
verify_order with
echo "demo: $count requests took $count connections without -p; with -p they took 1, answered in the order asked"
