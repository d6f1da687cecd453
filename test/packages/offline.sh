# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# A build from fetched sources without network. Sourced by ./run.

# offline COMMAND...: in a namespace that has no network but its own loopback.
offline() {
	unshare --map-root-user --net "$@"
}

there_is_no_network() {
	[ "$(offline sh -c 'ip -o link 2>/dev/null || ls /sys/class/net' | wc -l)" -le 1 ] &&
		! offline timeout 5 bash -c ': </dev/tcp/192.0.2.1/80' 2>/dev/null
}

# What others made is made again from what was fetched, and TSTEE with it.
build_offline() {
	local cache=$WORK/cache entry source=${TSTEE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tstee}
	rm -rf "$cache" "$WORK/offline"
	mkdir -p "$cache" "$WORK/offline"
	for entry in "$source"/fetch-*; do
		cp -rl "$entry" "$cache/" || return
	done
	tar --exclude=./build --exclude=./.git -cf - . | tar -xf - -C "$WORK/offline" || return
	(cd "$WORK/offline" && TSTEE_CACHE=$cache offline make install PREFIX=/usr DESTDIR="$WORK/offline/root") &&
		[ -x "$WORK/offline/root/usr/bin/tsworld" ]
}

stage_offline() {
	check "there is no network" there_is_no_network
	check "programs and libraries are built without network" build_offline
	rm -rf "$WORK/cache" "$WORK/offline"
}
