#!/usr/bin/env bash
# callgrind.sh [N...]: instructions a request with N waiting at once (1000, 10000 and 100000 unless told), plain h1
# against a local nginx. They have to stay the same as N grows: placing, promoting and ending a request are O(1).
#
# BENCH_DIR names the directory of the benchmark's sources.
set -eu
. "$(dirname "$0")/common.sh"

bench=${BENCH_DIR:-$root/../shared/bench}
[ -e "$bench/src/lwsbench.c" ] || die "there is no $bench/src/lwsbench.c; BENCH_DIR names where it is"

scratch_dir
scripts/build.sh
"$CC" -O2 -g -w -Iinclude "$bench/src/lwsbench.c" -o "$scratch/lwsbench" \
	-L"$target/release" -lwebsockets -Wl,-rpath,"$target/release"

# Most likely unused; nginx says when it is not.
port=$((20000 + RANDOM % 10000))
cat >"$scratch/nginx.conf" <<CONF
worker_processes 1;
daemon on;
pid $scratch/nginx.pid;
error_log $scratch/nginx.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $scratch/t1; proxy_temp_path $scratch/t2; fastcgi_temp_path $scratch/t3;
  uwsgi_temp_path $scratch/t4; scgi_temp_path $scratch/t5;
  keepalive_requests 1000000000; keepalive_timeout 600;
  server { listen 127.0.0.1:$port; location / { return 200 "$(head -c 1024 /dev/zero | tr '\0' x)"; } }
}
CONF
nginx -p "$scratch" -c "$scratch/nginx.conf" || die "nginx does not start: $(cat "$scratch/nginx.log")"
trap 'kill "$(cat "$scratch/nginx.pid")"; rm -rf "$scratch"' EXIT

# instructions N: of one run, which has to complete every request
instructions() {
	valgrind --tool=callgrind --callgrind-out-file="$target/callgrind.$1" "$scratch/lwsbench" \
		-n "$1" -p "$port" -u / -m http/1.1 -e 1024 -T 1200 >"$scratch/run" 2>&1 || {
		cat "$scratch/run" >&2
		die "lwsbench did not complete $1 requests"
	}
	sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$scratch/run"
}

[ $# -gt 0 ] || set -- 1000 10000 100000
# What starting and stopping takes, with the OpenSSL and its trust store, is no request's.
start=$(instructions 1)
printf '%9s %16s %12s\n' waiting Ir 'Ir/request'
least=
for n; do
	ir=$(instructions "$n")
	each=$(((ir - start) / (n - 1)))
	printf '%9d %16d %12d\n' "$n" "$ir" "$each"
	[ -n "$least" ] || least=$each
	[ "$each" -le $((least + least / 4)) ] || grown=$n
done
echo "profiles: callgrind_annotate $target/callgrind.N"
[ -z "${grown:-}" ] || die "a request of $grown takes over a quarter more instructions than one of $1"
