# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Commands in clean roots of Debian releases. Sourced by ./debian.sh. As root.

# fresh_root SUITE: unpacks one as $ROOT.
fresh_root() {
	local made
	made=$(platform/qemu/build root "$1") || return
	ROOT=$WORK/root-$1
	rm -rf "$ROOT"
	mkdir -p "$ROOT"
	tar -C "$ROOT" -xf "$made/root.tar"
	# There is no init: services are neither started nor stopped.
	printf '#!/bin/sh\nexit 101\n' >"$ROOT/usr/sbin/policy-rc.d"
	chmod +x "$ROOT/usr/sbin/policy-rc.d"
}

# in_root COMMAND...: without network, in namespaces that end with it.
in_root() {
	unshare --mount --pid --net --ipc --uts --fork --kill-child --mount-proc="$ROOT/proc" \
		chroot "$ROOT" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
		LC_ALL=C.UTF-8 "$@"
}

# in_root_as USER COMMAND...: as somebody who logged in.
in_root_as() {
	local user=$1
	shift
	in_root setpriv --reuid="$user" --regid="$user" --init-groups env HOME="/home/$user" "$@"
}
