#!/bin/sh
# Compiles a file that includes <libwebsockets.h> with each compiler and standard, every warning an error; and a file that uses
# its macros. A compiler that is not there fails the test.
# usage: capi-tests/header_matrix.sh [include directory]
set -eu

here=$(dirname "$0")
include=${1:-$here/../include}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
warnings="-Wall -Wextra -Wpedantic -Wshadow -Werror"

printf '%s\n' '#include <libwebsockets.h>' '#include <libwebsockets.h>' 'int main(void) { return 0; }' > "$work/plain.c"
cp "$work/plain.c" "$work/plain.cpp"
cp "$here/header_use.c" "$work/use.c"
cp "$here/header_use.c" "$work/use.cpp"

compile() { # compiler, standard, file
	# shellcheck disable=SC2086
	if "$1" "-std=$2" $warnings -I "$include" -c "$3" -o "$work/out.o" 2> "$work/log"; then
		echo "ok   $1 -std=$2 $(basename "$3")"
	else
		echo "FAIL $1 -std=$2 $(basename "$3")"
		cat "$work/log"
		failed=1
	fi
}

for file in plain use; do
	for compiler in gcc clang; do
		for standard in c99 c11 c17 gnu17; do
			compile $compiler $standard "$work/$file.c"
		done
	done
	for compiler in g++ clang++; do
		for standard in c++11 c++17 c++20; do
			compile $compiler $standard "$work/$file.cpp"
		done
	done
done

for compiler in gcc clang; do
	compile $compiler c11 "$here/layout.c"
done

exit $failed
