# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# The cache of third-party build outputs, sourced by the scripts of this folder.
#
# An entry is a folder $TSTEE_CACHE/NAME-KEY, where KEY is a hash of everything that went
# into it: the text of the function that makes it, the scripts, the versions of the
# tools, and the inputs, which may be the lists of checksums of other entries. It is made
# in a temporary folder, gets a list of checksums, and is renamed into place as the last
# step, so that an interrupted build leaves nothing that could be taken for an entry. It
# is verified against its checksums each time it is used to make something.

TSTEE_CACHE=${TSTEE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tstee}

declare -A CACHE_VERIFIED

say() {
	printf '%s\n' "$*" >&2
}

die() {
	say "error: $*"
	exit 1
}

# quietly DESCRIPTION LOG COMMAND...: runs COMMAND with its output in LOG; shows that time
# passes; on failure shows the end of LOG.
quietly() {
	local what=$1 log=$2 begin=$SECONDS status=0 ticker
	shift 2
	say "  $what ..."
	(
		# A sleep left behind would hold the locks that it has inherited.
		trap 'kill "$!"; exit' TERM
		while :; do
			sleep 15 &
			wait "$!"
			say "  $what ... $((SECONDS - begin)) s"
		done
	) &
	ticker=$!
	"$@" >"$log" 2>&1 || status=$?
	kill "$ticker" 2>/dev/null
	wait "$ticker" 2>/dev/null || true
	if [ "$status" -ne 0 ]; then
		tail -n 25 "$log" | sed 's/^/  | /' >&2
		say "error: $what failed with status $status; the whole log is $log"
		return "$status"
	fi
	say "  $what: $((SECONDS - begin)) s"
}

cache_sums() {
	(cd "$1" && find . -type f ! -name .sums -print0 | LC_ALL=C sort -z | xargs -0r sha256sum)
}

# cache_step NAME FUNCTION INPUT...: sets STEP to the folder of the entry that FUNCTION
# makes in its working folder. An INPUT that names a file counts with its content, any
# other as it is.
cache_step() {
	local name=$1 function=$2 key tmp input
	shift 2
	key=$({
		declare -f "$function"
		for input in "$@"; do
			if [ -f "$input" ]; then
				sha256sum <"$input"
			else
				printf '%s\n' "$input"
			fi
		done
	} | sha256sum | cut -c1-16)
	STEP=$TSTEE_CACHE/$name-$key
	[ -z "${CACHE_VERIFIED[$STEP]:-}" ] || return 0
	mkdir -p "$TSTEE_CACHE/log"
	exec {cache_lock}>"$TSTEE_CACHE/.lock-$name"
	flock "$cache_lock"
	if [ -d "$STEP" ] && ! (cd "$STEP" && sha256sum --check --quiet --strict .sums >/dev/null 2>&1); then
		say "  $name: the cache entry is damaged, making it again"
		rm -rf "$STEP"
	fi
	if [ ! -d "$STEP" ]; then
		tmp=$TSTEE_CACHE/.making-$name
		rm -rf "$tmp"
		mkdir -p "$tmp"
		# Not in a condition, which would switch errexit off inside the function.
		(
			cd "$tmp" || exit
			"$function"
		)
		cache_sums "$tmp" >"$tmp/.sums"
		mv "$tmp" "$STEP"
	fi
	exec {cache_lock}>&-
	CACHE_VERIFIED[$STEP]=yes
}
