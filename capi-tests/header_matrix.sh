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

# Old and new standards, undefined macros in conditions, and what programs bring along: features on the command line (with or without
# a value), macros of common names, the header inside extern "C".
printf '%s\n' '#define min(a, b) ((a) < (b) ? (a) : (b))' '#define max(a, b) ((a) > (b) ? (a) : (b))' | cat - "$work/use.c" > "$work/macros.c"
cp "$work/macros.c" "$work/macros.cpp"
{
	echo 'extern "C" {'
	cat "$work/macros.c"
	echo '}'
} > "$work/inside.cpp"
features=$(sed -n 's/^#define \(LWS_[A-Za-z0-9_]*\)$/-D\1/p' "$include/lws_config.h" | grep -v LWS_CONFIG_H)
[ "$features" ] || failed=1
for compiler in gcc clang; do
	warnings="-Wall -Wextra -Wundef -Werror"
	compile $compiler gnu89 "$work/macros.c"
	warnings="-Wall -Wextra -Wpedantic -Wundef -Wshadow -Wconversion -Wredundant-decls -Werror"
	compile $compiler c2x "$work/plain.c"
	warnings="-Wall -Wextra -Wpedantic -Wundef -Werror $(echo "$features" | tr '\n' ' ')"
	compile $compiler c11 "$work/macros.c"
	warnings="-Wall -Wextra -Wpedantic -Wundef -Werror $(echo "$features" | sed 's/$/=0/' | tr '\n' ' ')"
	compile $compiler c11 "$work/macros.c"
done
for compiler in g++ clang++; do
	compile $compiler c++14 "$work/macros.cpp"
	compile $compiler c++20 "$work/inside.cpp"
	warnings="-Wall -Wextra -Wundef -Werror"
	compile $compiler c++98 "$work/plain.cpp"
done

exit $failed
