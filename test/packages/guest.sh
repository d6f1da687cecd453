# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=sh
#
# Steps in a Debian system that has booted, as root under systemd, with users alice, of group tee, and bob.
# Sourced by ./arm64-guest and ./systemd-guest.

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

# step NAME COMMAND...
step() {
	name=$1
	shift
	if output=$("$@" 2>&1); then
		printf '%s: ok\n' "$name"
	else
		printf '%s: failed\n%s\n' "$name" "$output"
	fi
}

as() {
	user=$1
	shift
	setpriv --reuid="$user" --regid="$user" --init-groups env -i HOME="/home/$user" PATH=/usr/bin:/bin "$@"
}

system_socket() {
	check_socket || {
		systemctl status --no-pager tsworld.socket tsworld.service
		journalctl --no-pager -u tsworld.service
		ls -laR /run/tstee /var/lib/private/tsworld
		return 1
	}
}

check_socket() {
	systemctl is-active tsworld.socket && ! systemctl is-active tsworld.service || return
	as alice env TSTEE_WORLD=/run/tstee/world tstee list &&
		echo hello | as alice env TSTEE_WORLD=/run/tstee/world tstee its put 7 &&
		systemctl is-active tsworld.service && systemctl restart tsworld.service &&
		[ "$(as alice env TSTEE_WORLD=/run/tstee/world tstee its get 7)" = hello ] &&
		! as bob env TSTEE_WORLD=/run/tstee/world tstee list
}

confined() {
	systemd-analyze security --no-pager tsworld.service | tail -n 1
	systemd-analyze security --no-pager --threshold=30 tsworld.service >/tmp/security ||
		{ tail -n 3 /tmp/security && return 1; }
	journalctl -u tsworld.service --no-pager | grep 'is up'
}

# alice's own manager, as she has it who has logged in, and what she types.
by_alice() {
	as alice XDG_RUNTIME_DIR="/run/user/$(id -u alice)" TSTEE_WORLD="/run/user/$(id -u alice)/tstee/world" "$@"
}

alices_unit() {
	by_alice systemctl --user --no-pager "$@"
}

alices_manager() {
	systemctl start "user@$(id -u alice).service" && ! alices_unit is-active tsworld.socket &&
		alices_unit start tsworld.socket && alices_unit is-active tsworld.socket && ! alices_unit is-active tsworld.service
}

alices_world() {
	check_alices_world || {
		alices_unit status tsworld.socket tsworld.service
		journalctl --no-pager "_UID=$(id -u alice)"
		return 1
	}
}

check_alices_world() {
	[ "$(by_alice tstee random 16 --format hex | tr -d '\n' | wc -c)" = 32 ] && alices_unit is-active tsworld.service &&
		by_alice tstee key generate mine && echo hello >/tmp/m && by_alice tstee sign mine /tmp/m --output /tmp/s-mine &&
		by_alice tstee verify mine /tmp/m --signature /tmp/s-mine &&
		! as bob "TSTEE_WORLD=/run/user/$(id -u alice)/tstee/world" tstee list &&
		journalctl --no-pager "_UID=$(id -u alice)" | grep 'is up'
}

# Stopped, it is there for the next who connects; without its socket for nobody, but state is kept: the
# world that she starts by herself has the same key.
alices_state() {
	alices_unit stop tsworld.service && ! alices_unit is-active tsworld.service &&
		by_alice tstee verify mine /tmp/m --signature /tmp/s-mine && alices_unit is-active tsworld.service &&
		by_alice tsworld run -- tstee verify mine /tmp/m --signature /tmp/s-mine &&
		alices_unit stop tsworld.socket tsworld.service && ! by_alice tstee list &&
		! by_alice tsworld status && as alice tsworld run -- tstee verify mine /tmp/m --signature /tmp/s-mine
}

user_steps() {
	step "a user starts her socket, and no world yet" alices_manager
	step "systemd starts a user's world when she connects" alices_world
	step "a user's world is stopped, and its state is kept" alices_state
}
