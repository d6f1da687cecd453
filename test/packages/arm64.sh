# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Debian for arm64 as it is, kernel, systemd and all, in the machine: packages installed there, the driver
# that DKMS has built, the software world. Sourced by ./run; needs what stage packages builds. RELEASES in the
# environment names those that are booted, of bookworm and trixie; the first unless given.

SYSTEM=$WORK/system

# in_arm64_root COMMAND...: before it is booted, by programs of arm64.
in_arm64_root() {
	# shellcheck disable=SC2016 # expanded there
	platform/qemu/foreign sh -c 'mount --rbind /proc "$0/proc" && exec chroot "$0" "$@"' "$SYSTEM/root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
}

arm64_root() {
	local made
	made=$(platform/qemu/build root "$1" arm64) || return
	rm -rf "$SYSTEM"
	mkdir -p "$SYSTEM/root"
	tar -C "$SYSTEM/root" -xf "$made/root.tar" &&
		cp "$DEBS"/{libtstee0,libtstee-dev,tstee,tsworld,tstee-pkcs11}_*_arm64.deb "$SYSTEM/root/root/"
}

# DKMS itself, as the package's installation calls it, for the kernel that is installed.
dkms_builds() {
	cp "$DEBS"/tstee-dkms_*_all.deb "$SYSTEM/root/" && in_arm64_root dpkg -i "/$(basename "$DEBS"/tstee-dkms_*_all.deb)" &&
		in_arm64_root dkms status | tee "$WORK/dkms" && grep -q '^tstee/.*: installed' "$WORK/dkms" &&
		find "$SYSTEM"/root/lib/modules/*/updates/dkms -name 'tstee.ko*' | grep . &&
		find "$SYSTEM"/root/lib/modules/*/updates/dkms -name 'ffa-module.ko*' | grep .
}

# The software world's test partitions, which no package has.
build_test_partitions() {
	local dir=$WORK/arm64 options
	options=$(platform/qemu/build options arm64) || return
	rm -rf "$dir"
	# shellcheck disable=SC2086 # options, separated by blanks
	platform/qemu/build cross >"$WORK/arm64.ini" && meson setup --cross-file "$WORK/arm64.ini" $options -Dworld=true -Dtests=programs \
		"$dir" && meson compile -C "$dir" test/partition/test.dtb test/partition/test-victim.dtb
}

# The disk, with a unit that runs the command that the machine is given.
make_disk() {
	local root=$SYSTEM/root
	unit_at_boot "$root" <<-'SH' || return
		#!/bin/sh
		tar -C / -xf /dev/disk/by-id/virtio-in
		sh /tmp/in/.command >/dev/virtio-ports/stdout 2>/dev/virtio-ports/stderr
		echo $? >/dev/virtio-ports/status
		sync
		poweroff -f
	SH
	echo machine >"$root/etc/hostname"
	rm -f "$SYSTEM/disk"
	truncate -s 4G "$SYSTEM/disk" && mkfs.ext4 -q -L machine -d "$root" "$SYSTEM/disk" &&
		cp "$root"/boot/vmlinuz-* "$SYSTEM/Image" && cp "$root"/boot/initrd.img-* "$SYSTEM/initrd" &&
		rm -rf "$root"
}

# One boot: each step says "STEP: ok", and the output of one that fails is shown.
system_runs() {
	platform/qemu/machine run --system "$SYSTEM" --firmware test --timeout 1500 --logs "$WORK/arm64-logs" \
		--copy test/packages/arm64-guest --copy test/packages/guest.sh --copy build/guest/bin/tstee-conformance \
		--copy "$WORK/arm64/test/partition/test" --copy "$WORK/arm64/test/partition/test.dtb" \
		--copy "$WORK/arm64/test/partition/test-victim" --copy "$WORK/arm64/test/partition/test-victim.dtb" \
		-- sh /tmp/in/arm64-guest >"$WORK/arm64-output"
}

stage_arm64() {
	local suite
	root_only || return 0
	check "arm64: the machine is built" make test-machine
	check "arm64: test partitions are built" build_test_partitions
	for suite in ${RELEASES:-bookworm}; do
		check "arm64 $suite: a root" arm64_root "$suite"
		check "arm64 $suite: DKMS builds driver and transport for Debian's kernel" dkms_builds
		check "arm64 $suite: a disk" make_disk
		check "arm64 $suite: Debian's kernel and systemd come up and go down" system_runs
		steps_were_ok "arm64 $suite" test/packages/arm64-guest "$WORK/arm64-output"
		rm -rf "$SYSTEM"
	done
}
