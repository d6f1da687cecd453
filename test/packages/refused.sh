# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What the driver's build says of kernels that lack something: one line, with what to do. Sourced by ./run.

# dkms_refuses WORDS CONFIG-LINE...: with a kernel of this configuration; none is one without headers.
dkms_refuses() {
	local words=$1 devel=$WORK/devel
	shift
	rm -rf "$devel"
	[ $# -eq 0 ] || { mkdir -p "$devel" && printf '%s\n' "$@" >"$devel/.config"; } || return
	! KERNEL_DEVEL=$devel KERNEL_SOURCES=$WORK/devel packaging/dkms/build 6.1.0-9-arm64 >"$WORK/refused" 2>&1 &&
		cat "$WORK/refused" && [ "$(wc -l <"$WORK/refused")" = 1 ] && grep -qF "$words" "$WORK/refused"
}

# compiler_refuses WORDS OPTION: the options of a kernel of which this one isn't set.
compiler_refuses() {
	local cc=(gcc -E -DCONFIG_ARM64 '-DIS_ENABLED(option)=option' -Iworld/linux/include -Idriver -x c driver/compat.h -o /dev/null)
	"${cc[@]}" -DCONFIG_TEE=1 -DCONFIG_ARM_FFA_TRANSPORT=1 &&
		! "${cc[@]}" -DCONFIG_TEE=1 -DCONFIG_ARM_FFA_TRANSPORT=1 "-U$2" 2>"$WORK/refused" &&
		cat "$WORK/refused" && grep -qF "error: #error $1" "$WORK/refused"
}

stage_refused() {
	check "a kernel without headers is refused" dkms_refuses 'install linux-headers-6.1.0-9-arm64'
	check "a kernel without TEE is refused" dkms_refuses '(CONFIG_TEE)' CONFIG_ARM_FFA_TRANSPORT=y
	check "a kernel without FF-A's source is refused" dkms_refuses 'install linux-source-6.1' CONFIG_TEE=m
	check "the driver doesn't compile without FF-A" compiler_refuses '"no FF-A transport' CONFIG_ARM_FFA_TRANSPORT
	check "the driver doesn't compile without TEE" compiler_refuses '"no TEE subsystem' CONFIG_TEE
}
