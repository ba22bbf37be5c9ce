#!/usr/bin/env bash
# compatibility.sh: docs/compatibility.md is true: what it calls provided links, shared and static, and what it calls absent does not.
set -eu
. "$(dirname "$0")/common.sh"

command -v python3 >/dev/null || die "python3 is not installed"
scripts/build.sh
scripts/compatibility.py
scratch_dir

# probe KIND: a program that calls each of the names; nothing is declared of them but that they are functions.
probe() {
	local names
	names=$(scripts/compatibility.py --list "$1")
	[ -n "$names" ] || die "no function is $1: abi/upstream.txt or abi/exports.txt is empty"
	sed 's/.*/void &(void);/' <<<"$names" >"$scratch/$1.c"
	{
		echo 'void (*volatile all[])(void) = {'
		sed 's/$/,/' <<<"$names"
		echo '}; int main(void) { return !all[0]; }'
	} >>"$scratch/$1.c"
	"$CC" -std=c11 -fno-builtin -c "$scratch/$1.c" -o "$scratch/$1.o"
}

static_libs="-lssl -lcrypto -lgcc_s -lutil -lrt -lpthread -lm -ldl"

# link KIND HOW: with the shared library, or with the archive.
link() {
	case $2 in
	shared) "$CC" "$scratch/$1.o" -o "$scratch/$1.shared" -L"$target/release" -lwebsockets ;;
	# shellcheck disable=SC2086 # a list of options
	static) "$CC" "$scratch/$1.o" -o "$scratch/$1.static" "$target/release/libwebsockets.a" $static_libs ;;
	esac
}

probe exported
probe absent
scripts/compatibility.py --list absent | LC_ALL=C sort -u >"$scratch/absent"
for how in shared static; do
	link exported $how
	LD_LIBRARY_PATH=$target/release "$scratch/exported.$how"
	# The linker names each symbol that it misses: that has to be all of them.
	! link absent $how 2>"$scratch/missing" || die "a program that calls what is absent links ($how)"
	sed -n "s/.*undefined reference to .\([A-Za-z0-9_]*\).*/\1/p" "$scratch/missing" | LC_ALL=C sort -u >"$scratch/undefined"
	diff -u "$scratch/absent" "$scratch/undefined" || die "these are called absent, but a program that calls them finds them ($how)"
done

# And the header: each type, macro and constant that is there compiles, and a line about one that is absent is an error.
for has in there absent; do
	{
		echo '#include <libwebsockets.h>'
		scripts/compatibility.py --probe $has
	} >"$scratch/$has.c"
done
"$CC" -std=c11 -Iinclude -fsyntax-only "$scratch/there.c" || die "a name that docs/compatibility.md does not call absent is not in the header"
! "$CC" -std=c11 -Iinclude -fsyntax-only "$scratch/absent.c" 2>"$scratch/errors" || die "the names that are called absent compile"
# Lines of #ifndef and #endif are no claim.
grep -n '_Static_assert\|#error' "$scratch/absent.c" | cut -d: -f1 >"$scratch/claims"
sed -n 's/^[^:]*absent\.c:\([0-9]*\):[0-9]*: error: .*/\1/p' "$scratch/errors" | sort -nu >"$scratch/wrong"
diff -u "$scratch/claims" "$scratch/wrong" || die "lines of absent.c that compile though their names are called absent"
echo "$(wc -l <"$scratch/claims") types, macros and constants are absent"
echo "$(scripts/compatibility.py --list exported | wc -l) functions link, $(wc -l <"$scratch/absent") are absent, as docs/compatibility.md says"
