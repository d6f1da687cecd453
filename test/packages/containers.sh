# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# The very lines of the recipes for containers and CI, in clean roots of Debian 12, the container's in Debian 13 too: read from
# packaging/recipes and executed by what stands here for podman, GitHub Actions and GitLab CI. Sourced by ./run; as root, after
# stage packages.

RECIPES=packaging/recipes
# What podman leaves to a container's root.
CAPABILITIES=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+net_bind_service,+setfcap,+setgid,+setpcap,+setuid,+sys_chroot

# json_words ARRAY: its strings, each ended by a NUL.
json_words() {
	python3 -c 'import json, sys; [print(word, end="\0") for word in json.loads(sys.argv[1])]' "$1"
}

# podman build -f FILE ... | run [--rm] [-v VOLUME:PATH] IMAGE [COMMAND...]. An image is a folder of somebody without
# privilege, who is its root; the volume that a Dockerfile names is new each time, unless it is given.
podman() {
	case $1 in
	build) build_image "$3" ;;
	run) run_image "${@:2}" ;;
	*) return 2 ;;
	esac
}

build_image() {
	local instruction rest words
	IMAGE_ENV=()
	while read -r instruction rest; do
		case $instruction in
		FROM)
			[ "$rest" = debian:bookworm-slim ] && fresh_root "$SUITE" && ROOT=$WORK/root-$SUITE && rm "$ROOT/usr/sbin/policy-rc.d" || return
			;;
		COPY)
			# shellcheck disable=SC2206 # patterns
			words=($rest)
			cp "${words[@]:0:${#words[@]}-1}" "$ROOT${words[-1]}" || return
			;;
		RUN) in_root sh -c "$rest" || return ;;
		VOLUME) mkdir -p "$ROOT$rest" && IMAGE_VOLUME=$rest || return ;;
		ENV) IMAGE_ENV+=("$rest") ;;
		ENTRYPOINT) mapfile -d '' IMAGE_ENTRYPOINT < <(json_words "$rest") ;;
		CMD) mapfile -d '' IMAGE_CMD < <(json_words "$rest") ;;
		'#'* | '') ;;
		*)
			echo "$1: not understood: $instruction"
			return 1
			;;
		esac
	done <"$1"
	chown -R -h 45678:45678 "$ROOT"
}

run_image() {
	local volume=$WORK/volumes/anonymous
	rm -rf "$volume"
	while :; do
		case $1 in
		--rm) shift ;;
		-v)
			[ "${2#*:}" = "$IMAGE_VOLUME" ] || return
			volume=$WORK/volumes/${2%%:*}
			shift 2
			;;
		*) break ;;
		esac
	done
	shift
	[ $# -gt 0 ] || set -- "${IMAGE_CMD[@]}"
	mkdir -p "$volume" && chown 45678:45678 "$volume" || return
	# shellcheck disable=SC2016 # expanded inside
	setpriv --reuid=45678 --regid=45678 --clear-groups \
		unshare --user --map-root-user --mount --pid --net --ipc --uts --fork --kill-child sh -c '
			mount --bind "$2" "$1$3" && mount -t proc proc "$1/proc" || exit
			root=$1 capabilities=$4
			shift 4
			exec chroot "$root" setpriv --bounding-set="$capabilities" env -i HOME=/root PATH=/usr/bin:/bin "$@"' \
		sh "$ROOT" "$volume" "$IMAGE_VOLUME" "$CAPABILITIES" "${IMAGE_ENV[@]}" "${IMAGE_ENTRYPOINT[@]}" "$@"
}

# container SUITE: the lines of the page, and then whoever comes next with the same volume; last, one who opens /dev/teeN.
container() {
	local SUITE=$1 lines line
	rm -rf "$WORK/volumes" "$WORK/said"
	mapfile -t lines < <(sed -n '/^    podman /{s/ *#.*//;p}' $RECIPES/README.md)
	[ ${#lines[@]} = 3 ] || return
	for line in "${lines[@]}"; do
		echo "$line"
		eval "$line" >>"$WORK/said" || return
	done
	grep /dev/tee0 "$WORK/said" && [ "$(podman run --rm -v tstee-state:/var/lib/tsworld tstee tstee its get 7)" = hello ] &&
		podman run --rm tstee && podman run --rm tstee tsworld run -- sh -c 'exec 3<>/dev/tee0' &&
		! podman run --rm tstee tstee its get 7
}

# project FOLDER: of somebody who tests with secure partitions.
project() {
	mkdir -p "$ROOT$1/build/deb" && cp "$DEBS"/*_"$HERE_ARCH".deb "$ROOT$1/build/deb/" || return
	printf '\t%s\n' 'tstee key generate ci' 'echo hello >m' 'tstee sign ci m --output s' 'tstee verify ci m --signature s' 'echo tests have run' >"$ROOT$1/Makefile"
	# A root has no make; its only rule is this one's.
	printf '#!/bin/sh\n[ "$*" = test ] && sed -n "s/^\\t//p" Makefile | sh -ex\n' >"$ROOT/usr/local/bin/make"
	chmod 755 "$ROOT/usr/local/bin/make"
}

# Each step has a shell of its own, and what one leaves running goes on; a step's variables stand behind it.
github_actions() {
	local line name environment=() steps=() i script
	while IFS= read -r line; do
		case $line in
		*'- run: '*) steps+=("${line#*- run: }") environment+=('') ;;
		*'        env:') ;;
		'          '[A-Z]*': '*)
			name=${line%%: *}
			environment[-1]+="${name##* }='${line#*: }' "
			;;
		esac
	done <$RECIPES/github-actions.yml
	fresh_root bookworm && ROOT=$WORK/root-bookworm && in_root useradd -m runner && project /home/runner/work &&
		in_root chown -R runner: /home/runner || return
	script="set -e; cd /home/runner/work; as_runner() { setpriv --reuid=runner --regid=runner --init-groups env -i HOME=/home/runner PATH=/usr/local/bin:/usr/bin:/bin bash -e -c \"\$1\"; }"
	for i in "${!steps[@]}"; do
		case ${steps[i]} in
		sudo\ *) script+=$'\n'${steps[i]#sudo } ;;
		*) script+=$'\n'"as_runner $(printf %q "${environment[i]:+export ${environment[i]}; }${steps[i]}")" ;;
		esac
	done
	echo "$script"
	in_root bash -c "$script" >"$WORK/job" 2>&1
	cat "$WORK/job"
	grep -qx 'tests have run' "$WORK/job"
}

# One shell for all of it, as root.
gitlab_ci() {
	local line part='' script='set -e; cd /builds'
	while IFS= read -r line; do
		case $line in
		'  '[a-z]*:) part=${line//[ :]/} ;;
		'    - '*) script+=$'\n'${line#*- } ;;
		'    '*': '*)
			[ "$part" = variables ] || return
			script+=$'\n'"export $(sed 's/^ *\([A-Z_]*\): \(.*\)/\1='\''\2'\''/' <<<"$line")"
			;;
		esac
	done <$RECIPES/gitlab-ci.yml
	fresh_root bookworm && ROOT=$WORK/root-bookworm && project /builds || return
	echo "$script"
	in_root env PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -c "$script" >"$WORK/job" 2>&1
	cat "$WORK/job"
	grep -qx 'tests have run' "$WORK/job"
}

stage_containers() {
	root_only || return 0
	check "the container's recipe gives devices without privilege" container bookworm
	check "so it does with Debian 13" container trixie
	check "GitHub's recipe gives a job devices" github_actions
	check "GitLab's recipe gives a job devices" gitlab_ci
	rm -rf "$WORK"/{root-bookworm,root-trixie,volumes}
}
