#!/usr/bin/env bash
# deb.sh: Debian packages of this tree, in target/packages, and a look at what they say; `make deb`.
#
# Cargo may come from anywhere (rustup, say): only the other build dependencies are asked of dpkg.
set -eu
. "$(dirname "$0")/common.sh"

runtime=libwebsockets19-broadside
development=libwebsockets-broadside-dev

# The tracked files, and what is about to be: not what was built.
copy_tree() {
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -z --cached --others --exclude-standard | tar -c --null -T - --ignore-failed-read | tar -x -C "$1"
	else
		tar -c --exclude=./target . | tar -x -C "$1"
	fi
}

# Debhelper gives the build a HOME of its own, where there is neither a toolchain nor a cache.
build() {
	export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
	# Others flags than `make build` has: in a directory of its own, neither has to build anew.
	export CARGO_TARGET_DIR=$target/deb
	unset MAKEFLAGS MAKELEVEL MFLAGS DESTDIR PREFIX LIBDIR
	dpkg-checkbuilddeps -d "debhelper-compat (= 13), libssl-dev (>= 3), pkg-config" || die "install what is missing"
	(cd "$tree" && dpkg-buildpackage --unsigned-source --unsigned-changes --no-check-builddeps) >"$packages/log" 2>&1 || {
		tail -n 40 "$packages/log" >&2
		die "dpkg-buildpackage failed; all that it said is in $packages/log"
	}
	mv "$scratch"/broadside_* "$scratch"/*.deb "$packages/"
}

# field PACKAGE FIELD REGULAR-EXPRESSION
field() {
	local has
	has=$(dpkg-deb --field "$packages/$1_"*.deb "$2")
	[[ $has =~ $3 ]] || die "$1: $2 is '$has'"
}

# What a package has to have, a line each as dpkg-deb lists it. Nothing else may be there but documentation.
contents() {
	local package=$1
	shift
	diff -u <(printf '%s\n' "$@" | LC_ALL=C sort) <(dpkg-deb --fsys-tarfile "$packages/${package}_"*.deb | tar -t |
		grep -v '/$\|^\./usr/share/\(doc\|lintian\)/' | LC_ALL=C sort) || die "$package has other files"
}

check() {
	local lib headers
	lib=./usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
	field $runtime Version "^${version//./\\.}$"
	field $runtime Depends 'libc6 .*libssl3'
	field $runtime Conflicts '^libwebsockets19, libwebsockets19t64$'
	field $runtime Replaces '^libwebsockets19, libwebsockets19t64$'
	# It would be a lie: what is packaged for that name may need the server side.
	field $runtime Provides '^$'
	field $runtime Multi-Arch '^same$'
	field $development Depends "^$runtime \(= ${version//./\\.}\), libssl-dev"
	field $development Provides '^libwebsockets-dev \(= 4\.3\.5\)$'
	field $development Conflicts '^libwebsockets-dev$'
	field $development Replaces '^libwebsockets-dev$'
	dpkg-deb --info "$packages/${runtime}_"*.deb shlibs | grep -qx "libwebsockets 19 $runtime (>= ${version//./\\.})" ||
		die "$runtime: who links the library would not depend on it"

	contents $runtime "$lib/$soname"
	mapfile -t headers < <(find include -name '*.h' -printf './usr/include/%P\n')
	contents $development "$lib"/libwebsockets{.so,.a,_static.a} "$lib"/pkgconfig/libwebsockets{,_static}.pc \
		"$lib"/cmake/libwebsockets/{libwebsockets-config,libwebsockets-config-version,LibwebsocketsTargets,LwsCheckRequirements}.cmake \
		"${headers[@]}"
}

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
grep -q "^broadside ($version) " debian/changelog || die "debian/changelog is not about $version, the version in Cargo.toml"
scratch_dir
tree=$scratch/broadside-$version packages=$target/packages
rm -rf "$packages"
mkdir -p "$tree" "$packages"
copy_tree "$tree"
build
check
if command -v lintian >/dev/null; then
	# Root runs it in containers.
	lintian --allow-root --fail-on error,warning "$packages"/broadside_*.changes || die "lintian is not content"
else
	echo "lintian is not installed: not asked"
fi
ls -l "$packages"/*.deb
