# SPDX-License-Identifier: BSD-3-Clause
# completions.zsh FILE WORD...: what the completion in FILE offers for the last word. The two builtins by
# which it does so print, since others work in a line editor only.
file=$1
shift
words=("$@")
CURRENT=$#
compadd() {
	[[ $1 != -a ]] || print -l -- "${(@P)2}"
}
_describe() {
	print -l -- "${(@)${(@P)2}%%:*}"
}
_files() {
}
. $file
