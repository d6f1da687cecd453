# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Clean roots of Debian, booted: systemd is the first process, in namespaces of its own, and so its units
# are what they are on a host. Sourced by ./run; needs what stage packages builds.

# unit_at_boot ROOT: a unit that runs the script on standard input when all others are up.
unit_at_boot() {
	install -m 755 /dev/stdin "$1/usr/local/sbin/machine" || return
	cat >"$1/etc/systemd/system/machine.service" <<-UNIT
		[Unit]
		After=multi-user.target
		[Service]
		Type=oneshot
		ExecStart=/usr/local/sbin/machine
		TimeoutStartSec=infinity
	UNIT
	mkdir -p "$1/etc/systemd/system/multi-user.target.wants"
	ln -sf ../machine.service -t "$1/etc/systemd/system/multi-user.target.wants/"
}

# boot ROOT: until it powers itself off. It has no network and its own control groups.
boot() {
	mkdir -p "$WORK/groups"
	# shellcheck disable=SC2016 # expanded there
	timeout --kill-after=5 600 unshare --mount bash -c '
		mount --make-rprivate / && mount -t cgroup2 none "$2" && group=$2/tstee-test-$$ && mkdir "$group" || exit
		# Those that systemd has made are below it.
		trap "find \"$group\" -depth -type d -exec rmdir {} +" EXIT
		(
			echo "$BASHPID" >"$group/cgroup.procs" && exec unshare --mount --pid --net --ipc --uts --cgroup --fork --kill-child bash -c "
				set -e
				mount --rbind \"\$1\" \"\$1\"
				cd \"\$1\"
				mount -t proc proc proc
				mount -t sysfs -o ro sysfs sys
				mount -t cgroup2 none sys/fs/cgroup
				mount -t tmpfs -o mode=755 tmpfs dev
				# Of its own: systemd changes whose its console is.
				mknod -m 666 dev/null c 1 3
				mknod -m 666 dev/zero c 1 5
				mknod -m 666 dev/full c 1 7
				mknod -m 666 dev/random c 1 8
				mknod -m 666 dev/urandom c 1 9
				mknod -m 666 dev/tty c 5 0
				mknod -m 600 dev/console c 1 3
				mkdir dev/pts dev/shm
				mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
				ln -s pts/ptmx dev/ptmx
				mount -t tmpfs -o mode=1777 tmpfs dev/shm
				mount -t tmpfs -o mode=755 tmpfs run
				mkdir -p .old
				pivot_root . .old
				umount -l /.old
				exec env -i container=test /lib/systemd/systemd" bash "$1"
		)' bash "$1" "$WORK/groups"
}

# A root for systemd: what the packages' installation started nothing of.
root_to_boot() {
	fresh_root "$1" && ROOT=$WORK/root-$1 && install_debs || return
	rm "$ROOT/usr/sbin/policy-rc.d"
	cp test/packages/{guest.sh,systemd-guest} "$ROOT/usr/local/sbin/" || return
	unit_at_boot "$ROOT" <<-'SH'
		#!/bin/sh
		/usr/local/sbin/systemd-guest >/var/log/machine 2>&1
		poweroff
	SH
}

# Where a machine would go off, Linux ends a namespace's first process by SIGINT.
systemd_runs() {
	local status=0
	boot "$ROOT" || status=$?
	[ "$status" = 130 ] && grep ': ' "$ROOT/var/log/machine"
}

# step_was_ok STEP OUTPUT
step_was_ok() {
	grep -qxF "$1: ok" "$2" || {
		sed -n "/^$1:/,/^[a-z ]*: /p" "$2"
		return 1
	}
}

# steps_were_ok NAME GUEST OUTPUT: one test for each step of a script.
steps_were_ok() {
	local step
	while read -r step; do
		check "$1: $step" step_was_ok "$step" "$3"
	done < <(sed -n 's/^\t*step "\([^"]*\)".*/\1/p' "$2" test/packages/guest.sh)
}

stage_systemd() {
	local suite
	root_only || return 0
	for suite in bookworm trixie; do
		check "$suite, booted: a root" root_to_boot "$suite"
		ROOT=$WORK/root-$suite
		check "$suite, booted: systemd comes up and goes down" systemd_runs
		steps_were_ok "$suite, booted" test/packages/systemd-guest "$ROOT/var/log/machine"
		rm -rf "$ROOT"
	done
}
