# Sourced: runs a stage, times it, and prints the times.
# shellcheck shell=bash

stage_names=() stage_seconds=()

# stage NAME COMMAND...: ends the script when the command fails, and says in which stage.
stage() {
	local name=$1 began=$SECONDS
	shift
	printf '\n==== %s\n' "$name"
	if ! "$@" </dev/null; then
		printf '\n==== %s FAILED after %d s: %s\n' "$name" $((SECONDS - began)) "$*" >&2
		stage_names+=("$name (failed)") stage_seconds+=($((SECONDS - began)))
		print_stage_times >&2
		exit 1
	fi
	stage_names+=("$name") stage_seconds+=($((SECONDS - began)))
	printf '==== %s: %d s\n' "$name" $((SECONDS - began))
}

print_stage_times() {
	local i
	printf '\nseconds  stage\n'
	for i in "${!stage_names[@]}"; do
		printf '%7d  %s\n' "${stage_seconds[i]}" "${stage_names[i]}"
	done
	printf '%7d  in all\n' "$SECONDS"
}
