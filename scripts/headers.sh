#!/usr/bin/env bash
# headers.sh: the header and the examples compile without a warning, whichever compiler and standard a program uses.
set -eu
. "$(dirname "$0")/common.sh"

sh capi-tests/header_matrix.sh include
for compiler in gcc clang; do
	for example in examples/*.c; do
		"$compiler" -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Werror -Iinclude -fsyntax-only "$example"
		echo "ok   $compiler -std=c11 $example"
	done
done
