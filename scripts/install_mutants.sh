#!/usr/bin/env bash
# install_mutants.sh [NAME]: breaks the installation on purpose, one way at a time: install_test.sh has to notice each. Unbroken, it
# passes.
set -eu
. "$(dirname "$0")/common.sh"

# name | file | what sed does to it
mutants='
no-private-libs|packaging/libwebsockets.pc.in|/^Libs.private/d; /^Requires/d
shared-for-static|packaging/libwebsockets_static.pc.in|s/-lwebsockets_static/-lwebsockets/
unclean-version|scripts/install.sh|s/"." c }/"." c "-" }/
newer-than-asked|packaging/cmake/libwebsockets-config-version.cmake.in|s/VERSION_LESS _lws_lowest/VERSION_GREATER _lws_lowest/
any-version|packaging/cmake/libwebsockets-config-version.cmake.in|s/COMPATIBLE FALSE/COMPATIBLE TRUE/
no-word-of-shared|packaging/cmake/libwebsockets-config.cmake.in|/^set(websockets_shared/d
no-required-includes|packaging/cmake/libwebsockets-config.cmake.in|/CMAKE_REQUIRED_INCLUDES/d
no-dep-libs|packaging/cmake/libwebsockets-config.cmake.in|/LIBWEBSOCKETS_DEP_LIBS \$/d
no-openssl|packaging/cmake/LibwebsocketsTargets.cmake.in|s/OpenSSL::SSL;OpenSSL::Crypto;//
where-it-was-made|packaging/cmake/LibwebsocketsTargets.cmake.in|s/@CMAKE_INCLUDEDIR@/@PREFIX@\/include/
missing-unnoticed|packaging/cmake/LibwebsocketsTargets.cmake.in|s/message(FATAL_ERROR/message(WARNING/
always-fatal|packaging/cmake/LwsCheckRequirements.cmake|s/AND "${_lws_result}" STREQUAL "requirements"//
never-fatal|packaging/cmake/LwsCheckRequirements.cmake|s/message(FATAL_ERROR "This project/message(WARNING "This project/
one-port-for-all|packaging/cmake/LwsCheckRequirements.cmake|/APPEND PROPERTY lws_ports_given/d; s/string(RANDOM.*port)/set(port 0123)/
no-pthread-lib|packaging/cmake/LwsCheckRequirements.cmake|/set(PTHREAD_LIB/d
no-tls|include/lws_config.h|/define LWS_WITH_TLS$/d
leave-a-header|scripts/uninstall.sh|s/^list_files |/list_files | grep -v tokens |/
leave-directories|scripts/uninstall.sh|s/rmdir/false/
remove-anothers|scripts/uninstall.sh|s/^is_ours() .*/is_ours() { true; }/
remove-neighbours|scripts/uninstall.sh|s/ rmdir "$destdir$directory"/ rm -r "$destdir$directory"/
write-anyway|scripts/layout.sh|s/\[ -w "$there" \] &&//; s/\[ -d "$there" \] &&//
'

copy=$target/install-mutants
mkdir -p "$copy"

# Without what takes time: the library is as it was built.
fresh_copy() {
	rm -rf "$copy"
	mkdir -p "$copy"
	cp -r Makefile Cargo.toml README.md abi capi-tests examples include packaging scripts "$copy/"
	printf '%s\n' '#!/bin/sh' >"$copy/scripts/build.sh"
}

scripts/build.sh
while IFS='|' read -r name file change; do
	[ "$name" ] && { [ $# = 0 ] || [ "$1" = "$name" ]; } || continue
	fresh_copy
	sed -i -e "$change" "$copy/$file"
	! cmp -s "$file" "$copy/$file" || die "$name does not change $file any more"
	if (cd "$copy" && scripts/install_test.sh) >"$copy/log" 2>&1 </dev/null; then
		die "$name: not noticed"
	fi
	echo "$name: noticed: $(tail -n 1 "$copy/log")"
done <<<"$mutants"
fresh_copy
(cd "$copy" && scripts/install_test.sh) >"$copy/log" 2>&1 </dev/null || {
	cat "$copy/log" >&2
	die "the copy fails unbroken"
}
echo "each was noticed"
