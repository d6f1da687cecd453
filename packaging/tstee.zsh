#compdef tstee tsworld
# SPDX-License-Identifier: BSD-3-Clause
# zsh completion for tstee and tsworld: commands and options are those that --help tells.
local -a found
if ((CURRENT == 2)); then
	found=(${(f)"$($words[1] --help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\)  *\([^ ].*\)$/\1:\2/p')"})
	_describe command found
elif [[ $words[CURRENT] == -* ]]; then
	found=(${(fu)"$($words[1] $words[2] --help 2>/dev/null | grep -v '^  [$#] ' | grep -oE '(^|[[:space:][|(])--[a-z][a-z-]*' | grep -oE -e '--.*')"})
	compadd -a found
else
	_files
fi
