# SPDX-License-Identifier: BSD-3-Clause
# fish completion for tstee and tsworld: commands and options are those that --help tells.
function __tstee_commands
	$argv[1] --help 2>/dev/null | string replace -rf '^  ([a-z]+) +(\S.*)$' '$1\t$2'
end

function __tstee_options
	set -l words (commandline -opc)
	$words[1] $words[2] --help 2>/dev/null | string match -rv '^  [$#] ' | string match -rag -- '(?:^|[\s\[|(])(--[a-z][a-z-]*)' | sort -u
end

# One file for both programs: each finds it under its own name.
for program in tstee tsworld
	complete -c $program -n __fish_use_subcommand -f -a "(__tstee_commands $program)"
	complete -c $program -n 'not __fish_use_subcommand; and string match -q -- "-*" (commandline -ct)' -f \
		-a '(__tstee_options)'
end
