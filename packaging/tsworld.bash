# SPDX-License-Identifier: BSD-3-Clause
# bash completion for tsworld.

_tsworld() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} i words=''

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'run serve status restart stop --help --version' -- "$cur")
		return
	fi
	# Behind -- stands another command, with completion of its own.
	for ((i = 2; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -- ]] || continue
		_command_offset $((i + 1)) 2>/dev/null
		return
	done
	case $prev in
	--state | --partitions)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--world | --partition | --trace | --socket)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--fault | --socket-mode | --ready-fd)
		return
		;;
	esac
	case ${COMP_WORDS[1]} in
	run)
		words='--state --world --partitions --partition --debug --public-is-user --tee-devices --fault --trace --stats --no-stat --help --'
		;;
	serve)
		words='--state --partitions --partition --debug --public-is-user --tee-devices --socket --socket-mode --ready-fd --daemonize --help'
		;;
	status)
		words='--state --world --json --help'
		;;
	restart)
		words=$(tsworld status 2>/dev/null | sed -n 's/^partition: \([^,]*\),.*/\1/p')
		words+=' --state --world --help'
		;;
	stop)
		words='--state --world --help'
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _tsworld tsworld
