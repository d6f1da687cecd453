# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# make install, seen by whoever compiles against it or runs it. Sourced by ./run.

INSTALLED=$WORK/moved

# Below a prefix that isn't there afterwards.
install_and_move() {
	rm -rf "$WORK/dest" "$INSTALLED"
	make install PREFIX=/opt/elsewhere DESTDIR="$WORK/dest" &&
		mv "$WORK/dest/opt/elsewhere" "$INSTALLED" &&
		! grep -rIl /opt/elsewhere "$INSTALLED"
}

flags() {
	PKG_CONFIG_PATH=$INSTALLED/lib/pkgconfig pkg-config "$@" tstee
}

# Each header by itself, and all in both orders.
headers() {
	local compiler=("$@") header list include reverse=''
	list=$(cd "$INSTALLED/include/tstee" && ls -- *.h psa/{error,crypto,initial_attestation}.h \
		psa/{internal_trusted_storage,protected_storage,storage_common}.h tstee/*.h) || return
	for header in $list; do
		include="#include <$header>"
		reverse="$include
$reverse"
		# shellcheck disable=SC2046 # flags, separated by blanks
		printf '%s\nint x;\n' "$include" | "${compiler[@]}" -Wall -Wextra -Werror -fsyntax-only \
			$(flags --cflags) - || return
	done
	# shellcheck disable=SC2046
	printf '%sint x;\n' "$reverse" | "${compiler[@]}" -Werror -fsyntax-only $(flags --cflags) - &&
		printf '#include <%s>\n' $list 'stdio.h' | "${compiler[@]}" -Werror -fsyntax-only \
			$(flags --cflags) -
}

# A program would else collide with names that it can't know.
static_names_are_prefixed() {
	local names
	names=$(nm -g --defined-only "$INSTALLED/lib/libtstee.a" | awk 'NF == 3 { print $3 }') || return
	grep -q '^tstee_open$' <<<"$names" && ! grep -vE '^(tstee|psa|mbedtls_psa)_' <<<"$names"
}

symbols_have_versions() {
	local names
	names=$(nm -D --defined-only "$INSTALLED/lib/libtstee.so.0" | awk '$2 != "A" { print $3 }') || return
	grep -q '^tstee_open@@TSTEE_0.1$' <<<"$names" && ! grep -v '@@TSTEE_0\.' <<<"$names"
}

exported() {
	nm -D --defined-only "$INSTALLED/lib/libtstee.so.0" | sed -n 's/.* T \(.*\)@@TSTEE_.*/\1/p'
}

# Names that nobody defines any more.
map_is_complete() {
	sed -n 's/^\t\([a-z0-9_]*\);$/\1/p' client/libtstee.map | LC_ALL=C sort >"$WORK/mapped"
	exported | LC_ALL=C sort | diff - "$WORK/mapped"
}

# What headers promise.
declared_is_exported() {
	exported >"$WORK/exported"
	# shellcheck disable=SC2046
	grep -ohE '\b(tstee|psa_its|psa_ps|psa_initial_attest)_[a-z0-9_]+\(' "$INSTALLED"/include/tstee/{tstee*,psa/{init,inter,prot}*}.h |
		tr -d '(' | sort -u | while read -r name; do
		grep -qx "$name" "$WORK/exported" || { echo "$name is not exported" && false; } || exit
	done
}

# One for each function, which man can show.
functions_have_pages() {
	local name man=$INSTALLED/share/man
	for name in $(exported) libtstee; do
		MANPATH=$man man --warnings -E UTF-8 3 "$name" >"$WORK/page" 2>"$WORK/warnings" &&
			grep -qw "$name" "$WORK/page" && [ ! -s "$WORK/warnings" ] || {
			echo "no page of $name, or warnings:" && cat "$WORK/warnings" && return 1
		}
	done
}

# Signed by a key of the crypto partition, by a program of one's own.
sign_with() {
	local program=$WORK/sign
	# shellcheck disable=SC2046,SC2068
	gcc -o "$program" docs/examples/sign.c $(flags --cflags) $@ || return
	rm -rf "$WORK/state"
	LD_LIBRARY_PATH=$INSTALLED/lib "$INSTALLED/bin/tsworld" run --state "$WORK/state" -- "$program" hello
}

programs_find_their_parts() {
	rm -rf "$WORK/state"
	env -i HOME="$WORK" PATH="$INSTALLED/bin:/usr/bin:/bin" tsworld run --state "$WORK/state" -- \
		sh -c 'tstee key generate web && echo hello | tstee sign web >"$HOME/signature" && echo hello | tstee verify web --signature "$HOME/signature"'
}

completions_know_all() {
	PATH=$INSTALLED/bin:$PATH test/packages/completions "$1"
}

# A world that began without one partition would take another for it. Each file of a copy is missing once.
half_installed_is_refused() {
	local copy=$WORK/half file name status
	for name in its its.dtb crypto crypto.dtb attestation attestation.dtb; do
		rm -rf "$copy" "$WORK/state"
		cp -r "$INSTALLED" "$copy" || return
		file=$copy/libexec/tstee/partitions/$name
		rm "$file" || return
		status=0
		"$copy/bin/tsworld" run --state "$WORK/state" -- true 2>"$WORK/refused" || status=$?
		[ "$status" -ne 0 ] && [ "$(wc -l <"$WORK/refused")" = 1 ] &&
			grep "/$name: missing.*; install TSTEE again" "$WORK/refused" || return
	done
	rm -rf "$copy"
}

# What reads and writes key files is a library of its own.
half_installed_tstee_is_refused() {
	local copy=$WORK/half
	rm -rf "$copy" "$WORK/state"
	cp -r "$INSTALLED" "$copy" && rm "$copy/lib/tstee/tstee-codec.so" || return
	! "$copy/bin/tsworld" run --state "$WORK/state" -- \
		sh -c '"$0" key generate web >/dev/null && "$0" key public web' "$copy/bin/tstee" 2>"$WORK/refused" &&
		cat "$WORK/refused" && [ "$(wc -l <"$WORK/refused")" = 1 ] &&
		grep "tstee-codec.so: can't be loaded.*it belongs to tstee" "$WORK/refused" || return
	rm -rf "$copy"
}

stage_installed() {
	check "make install is complete where it is moved to" install_and_move
	check "headers are C99" headers gcc -std=c99 -pedantic -x c
	check "headers are C11" headers gcc -std=c11 -pedantic -x c
	check "headers are C++" headers g++ -std=c++17 -pedantic -x c++
	check "the static library has no names but the API's" static_names_are_prefixed
	check "exported symbols have versions" symbols_have_versions
	check "the map of versions names what is exported" map_is_complete
	check "what headers declare is exported" declared_is_exported
	check "functions have manual pages" functions_have_pages
	check "programs link with the shared library" sign_with "$(flags --libs)"
	check "programs link with the static library" sign_with -static "$(flags --libs --static)"
	check "programs run where they were moved to" programs_find_their_parts
	check "completions of tstee know its commands and options" completions_know_all tstee
	check "completions of tsworld know its commands and options" completions_know_all tsworld
	check "a half-installed world is refused" half_installed_is_refused
	check "a half-installed command line says what it lacks" half_installed_tstee_is_refused
}
