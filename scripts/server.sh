# Sourced after common.sh: starts the demo's server and talks to it. It ends with the script.
# shellcheck shell=bash

# start_server CA-FILE: leaves the port in $port.
start_server() {
	local ready
	coproc server { exec "$target/release/broadside-demo-server" "$1"; }
	# The names that coproc gives go away with the process; these stay.
	exec {to_server}>&"${server[1]}" {from_server}<&"${server[0]}"
	read -r ready <&"$from_server" || die "the demo server did not start"
	port=${ready#*port=}
	port=${port%% *}
}

# The server's report of what came since the last one.
ask_server() {
	local line
	echo report >&"$to_server"
	while read -r line <&"$from_server" && [ "$line" != end ]; do echo "$line"; done
}
