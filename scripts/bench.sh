#!/usr/bin/env bash
# bench.sh [TABLE...]: the comparison with other clients (h1_all h1_flight h2_all h2_128 h2_flight unless told), results in target/bench.
#
# BENCH_DIR names the directory of the benchmark; its build.sh says what it needs.
set -eu
. "$(dirname "$0")/common.sh"

bench=${BENCH_DIR:-$root/../shared/bench}
[ -e "$bench/build.sh" ] || die "there is no $bench/build.sh; BENCH_DIR names where it is"
[ $# -gt 0 ] || set -- h1_all h1_flight h2_all h2_128 h2_flight

dir=$target/bench
PREFIX=$dir/prefix LIBDIR='' DESTDIR='' scripts/install.sh
libraries=("broadside=-I$dir/prefix/include|-L$dir/prefix/lib -Wl,-rpath,$dir/prefix/lib")
[ ! -e /usr/include/libwebsockets.h ] || libraries+=("debian=")
bash "$bench/build.sh" "$dir" "${libraries[@]}"
trap 'bash "$bench/nginx.sh" "$dir" stop' EXIT
for table; do
	BENCH=$dir BENCH_CA=$dir/nginx/tls/ca.pem python3 "$bench/bench.py" "$table"
	cat "$dir/results/$table.md"
done
