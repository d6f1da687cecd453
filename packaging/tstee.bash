# SPDX-License-Identifier: BSD-3-Clause
# bash completion for tstee.

_tstee() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} words='' word i
	local call='--public --group --endpoint --json --help'

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'list its call --help --version' -- "$cur")
		return
	fi
	case $prev in
	--group)
		mapfile -t COMPREPLY < <(compgen -W "$(id -G 2>/dev/null)" -- "$cur")
		return
		;;
	--endpoint)
		words=$(tstee list 2>/dev/null | awk 'NR > 1 && $2 != "-" { print $2 }')
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	--service)
		words='internal-trusted-storage protected-storage crypto crypto-protobuf
			attestation block-storage fwu test-runner rpmb'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
		;;
	--request | --output)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--response-size)
		return
		;;
	esac
	case $command in
	list)
		words='--json --help'
		;;
	its)
		words="$call --write-once"
		# ACTION UID FILE, among options anywhere.
		local -a plain=()
		for ((i = 2; i < COMP_CWORD; i++)); do
			word=${COMP_WORDS[i]}
			case ${COMP_WORDS[i - 1]} in
			--group | --endpoint) continue ;;
			esac
			[[ $word == -* ]] || plain+=("$word")
		done
		if [[ $cur != -* ]]; then
			case ${#plain[@]} in
			0) words='put get info rm' ;;
			2)
				compopt -o filenames 2>/dev/null
				mapfile -t COMPREPLY < <(compgen -f -- "$cur")
				return
				;;
			*) return ;;
			esac
		fi
		;;
	call)
		words="$call --service --request --response-size --output"
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _tstee tstee
