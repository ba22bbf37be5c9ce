#!/usr/bin/env bash
# demo.sh [--check]: fetches from a TLS server on loopback, without pipelining and with it, in turn and as streams, and shows
# both sides.
#
# With --check it prints little, and fails unless the server saw one connection a request without -p and a single one
# with it, answered in the order in which it was asked on HTTP/1.1, and had all requests at once on h2.
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

# verify NAME ACCEPTS AT-ONCE
verify() {
	local want="accepts=$2 requests=$count at-once=$3"
	[[ "$(head -n 1 "$scratch/$1.server")" = $want ]] || {
		cat "$scratch/$1.server" >&2
		die "$1: the server should have said $want"
	}
}

# The paths in the order in which the answers began, as the server saw it.
answered() {
	sed -n 's/^first-byte //p' "$scratch/$1.server"
}

verify_order() {
	answered "$1" | diff -u "$scratch/asked" - || die "$1: the first bytes did not come in the order of asking"
}

# The first asked takes the longest: streams do not wait for each other.
verify_overlap() {
	if answered "$1" | diff -q "$scratch/asked" - >/dev/null; then
		die "$1: the answers waited for each other"
	fi
	answered "$1" | sort | diff -u <(sort "$scratch/asked") - || die "$1: not all were answered"
}

build_all
start_server "$scratch/ca.pem"
urls=()
for i in $(seq "$count"); do
	path="/slow/$(((count + 1 - i) * 16))?request=$i"
	echo "$path" >>"$scratch/asked"
	urls+=("https://localhost:$port$path")
done
fetch without --h1
fetch in-turn -p --h1
fetch streams -p
if [ -z "$check" ]; then
	show without "--h1 "
	show in-turn "-p --h1 "
	show streams "-p "
	echo
fi
verify without "$count" '*'
verify in-turn 1 1
verify_order in-turn
verify streams 1 "$count"
verify_overlap streams
echo "demo: $count requests took $count connections without -p; with -p they took 1: on HTTP/1.1 answered in the order asked, on h2 all at once"
