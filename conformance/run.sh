#!/usr/bin/env bash
# run.sh [OPTION...]: Autobahn's cases for clients, against the built library; prints a table, and fails when a case does.
#
#   --quick          sections 1 to 7 and 10, and a few of each of 12 and 13: under a minute
#   --cases LIST     these only, as "2.*,9.1.*"; by default all, which takes about ten minutes
#   --pieces         the client sends each piece as it comes, as a fragment, and not the whole message
#   --no-deflate     without permessage-deflate, and so without 12 and 13
#   --h2             over HTTP/2 (RFC 8441), through haproxy or nghttpx: PROXY=haproxy, PROXY=nghttpx
#   --check-h2       only looks whether the proxy passes a WebSocket, without our client
#   --debian         Debian's libwebsockets instead of ours
#   --jobs N         so many cases at once (4)
#   --patience N     gives a slow client N times as long where a case ends by a timer (1)
#   --client FILE    a client that is built already, with the options of capi-tests/programs/autobahn.c
#
# The reports stay in $target/conformance/reports: index.json, and a file for each case with the frames that passed.
set -eu
. "$(dirname "$0")/../scripts/common.sh"
. conformance/proxy.sh

agent=Broadside
there=$target/conformance
quick='1.*,2.*,3.*,4.*,5.*,6.*,7.*,10.*'
for i in 1 2 3 4 5 6 7; do
	for j in 1 3 5 11; do quick+=",$([ "$i" -gt 5 ] || echo "12.$i.$j,")13.$i.$j"; done
done

usage() {
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

cases='*' jobs_of_client=4 patience=1 h2= debian= client= options=() seconds=3600
while [ $# -gt 0 ]; do
	case $1 in
	--quick) cases=$quick seconds=300 ;;
	--cases) cases=${2?} && shift ;;
	--pieces) options+=(-s) ;;
	--no-deflate) options+=(-d) ;;
	--h2) h2=yes ;;
	--check-h2) h2=check client=none ;;
	--debian) debian=yes ;;
	--jobs) jobs_of_client=${2?} && shift ;;
	--patience) patience=${2?} && shift ;;
	--client) client=${2?} && shift ;;
	*) usage ;;
	esac
	shift
done

# build_client: against ours or Debian's; leaves what starts it in $run.
build_client() {
	local include library source=$root/capi-tests/programs/autobahn.c
	if [ "$debian" ]; then
		library=$(scripts/debian-lws.sh)/lib
		include=${library%lib}include
		# Its header takes more than a strict compiler does.
		include="-isystem $include"
	else
		scripts/build.sh
		library=$target/release
		name_by_soname "$library"
		include="-I$root/include"
	fi
	client=$there/autobahn${debian:+-debian}
	# shellcheck disable=SC2086
	"$CC" -std=gnu11 -O1 -g -Wall -Wextra -Wpedantic -Werror $include -o "$client" "$source" \
		-L"$library" -lwebsockets -Wl,-rpath,"$library" -Wl,-rpath-link,"$library"
}

# write_spec: what the fuzzing server is to run.
write_spec() {
	local list excluded='[]'
	list=$(printf '"%s",' ${cases//,/ } | sed 's/,$//')
	case " ${options[*]-} " in *' -d '*) excluded='["12.*", "13.*"]' ;; esac
	printf '{"url": "ws://127.0.0.1:9", "outdir": "%s", "cases": [%s], "exclude-cases": %s, "exclude-agent-cases": {}}\n' \
		"$reports" "$list" "$excluded" >"$there/spec.json"
}

# start_server: leaves its port in $port. It ends with the script.
start_server() {
	local said
	exec {heard}< <(exec env PYTHONPATH="$there/suite" "$there/venv/bin/python" -W ignore \
		conformance/fuzzingserver.py "$there/spec.json" "$patience" 2>"$there/server.log")
	server=$!
	read -r said <&"$heard" || { cat "$there/server.log" >&2; die "the fuzzing server does not start"; }
	port=${said#port=}
}

stop() {
	stop_proxy
	[ ! "${server-}" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
}

# One run at a time: they share what they write.
mkdir -p "$there"
exec {lock}>"$there/lock"
flock "$lock"
conformance/setup.sh
[ "$client" ] || build_client
reports=$there/reports
rm -rf "$reports"
mkdir -p "$reports"
set -f
write_spec
trap stop EXIT
start_server
if [ "$h2" ]; then
	start_proxy "$port"
	"$there/venv/bin/python" conformance/check_h2.py "$proxy_port" "$proxy_ca"
	[ "$h2" != check ] || exit 0
	options+=(-a localhost -t "$proxy_ca" -2)
	port=$proxy_port
fi
"$client" -p "$port" -n "$agent" -j "$jobs_of_client" -w "$seconds" ${options[@]+"${options[@]}"} || echo "the client's exit status is $?"
"$there/venv/bin/python" conformance/report.py "$reports" "$agent"
