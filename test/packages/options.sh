# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Meson's options, as builds of others use them. Sourced by ./run.

# option NAME: what platform/qemu/build gives for it.
option() {
	platform/qemu/build options host | sed -n "s/^-D$1=//p"
}

configure() {
	local dir=$WORK/options
	rm -rf "$dir"
	meson setup "$@" "$dir"
}

# As a distribution has it: nothing that this tree has configured.
client_from_plain_sources() {
	local sources
	sources=$(platform/qemu/build options sel0 | sed -n 's/^-Dmbedtls_source=//p')
	configure -Dworld=false -Dtests=none "-Dmbedtls=$sources" "-Dqcbor=$(option qcbor)" --prefix=/usr &&
		meson compile -C "$WORK/options" && DESTDIR=$WORK/options/root meson install -C "$WORK/options" --quiet &&
		[ ! -e "$WORK/options/root/usr/bin/tsworld" ] && "$WORK/options/cmd/tstee/tstee" --version
}

# Such as a newer compiler's; this one warns of most structures.
warnings_stop_nothing() {
	configure -Dworld=false -Dtests=none "-Dmbedtls=$(option mbedtls)" "-Dqcbor=$(option qcbor)" -Dc_args=-Wpadded &&
		meson compile -C "$WORK/options" >"$WORK/options-log" && grep -q 'warning: .*Wpadded' "$WORK/options-log"
}

# refuses WORD OPTION...: what is missing is named.
refuses() {
	local word=$1
	shift
	! configure "$@" >"$WORK/refused" 2>&1 && grep "ERROR" "$WORK/refused" | grep -- "$word"
}

one_partition() {
	# shellcheck disable=SC2046 # options, separated by newlines
	configure $(platform/qemu/build options host) -Dtests=none -Dpartitions=its &&
		meson compile -C "$WORK/options" secure/partition/its/its &&
		[ ! -e "$WORK/options/secure/partition/crypto" ]
}

stage_options() {
	check "a client is built from plain sources" client_from_plain_sources
	check "a warning stops no build of others" warnings_stop_nothing
	check "one partition is built alone" one_partition
	check "a missing library is named" refuses -Dmbedtls= -Dqcbor=/usr
	check "a missing folder is named" refuses -Dqcbor= "-Dmbedtls=$(option mbedtls)" -Dqcbor=/nonexistent
	# shellcheck disable=SC2046
	check "unit tests without a world are refused" refuses -Dworld=true $(platform/qemu/build options host) -Dworld=false
}
