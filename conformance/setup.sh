#!/usr/bin/env bash
# setup.sh: Autobahn's fuzzing server in $target/conformance: a virtual environment, the suite as PyPI has it, and the part of it
# that was converted. Does nothing when that is there.
set -eu
. "$(dirname "$0")/../scripts/common.sh"

suite=autobahntestsuite-25.10.1
autobahn=autobahn==0.10.9
here=$root/conformance
there=$target/conformance
stamp=$(cat "$here/requirements.txt" "$here/convert.py" "$here/setup.sh" | sha256sum)

[ "$(cat "$there/stamp" 2>/dev/null)" != "$stamp" ] || exit 0

# The first python that can make a virtual environment, and is old enough for what is pinned.
make_venv() {
	local python
	for python in python3 python3.11 python3.12 python3.10 python3.9 /usr/bin/python3; do
		"$python" -c 'import sys, ensurepip; sys.exit(not (3, 8) <= sys.version_info < (3, 13))' 2>/dev/null || continue
		"$python" -m venv --clear "$there/venv" && return
	done
	die "no Python 3.8 to 3.12 with venv: apt-get install python3-venv"
}

mkdir -p "$there"
rm -f "$there/stamp"
make_venv
pip=("$there/venv/bin/pip" --quiet --disable-pip-version-check)
"${pip[@]}" install --requirement "$here/requirements.txt"
# Its setup.py is of a time that knew nothing of isolated builds.
"${pip[@]}" install --no-build-isolation --no-deps "$autobahn"
rm -rf "$there/download"
"${pip[@]}" download --no-deps --no-build-isolation --no-binary :all: --dest "$there/download" "${suite/-/==}"
tar -xzf "$there/download/$suite.tar.gz" -C "$there/download"
"$there/venv/bin/python" -W ignore "$here/convert.py" "$there/download/$suite/autobahntestsuite" "$there/suite/autobahntestsuite"
echo "$stamp" >"$there/stamp"
