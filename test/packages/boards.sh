# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Partitions for boards: the template's, and OP-TEE's own tree with what is made for it. Sourced by ./run.

BOARD_KIT=build/board/template/kit

template_is_built() {
	local path count=0
	make partitions BOARD=template || return
	for path in $(printf 'include %s/sp.mk\nall:\n\t@echo $(SP_PATHS)\n' "$BOARD_KIT" | make -s -f -); do
		[ -f "$path" ] && [ -f "$BOARD_KIT/manifest/$(basename "$path" .stripped.elf).dtb" ] || return
		count=$((count + 1))
	done
	[ "$count" -eq 3 ]
}

# Of a board elsewhere, with the header that says what is to be seen in the partition.
board_decides() {
	local board=$WORK/boards/mine image
	mkdir -p "$board" && cp board/template/* "$board/" &&
		sed -i 's/"TSTEE template board"/"a board of mine"/' "$board/board.h" &&
		make install-partitions BOARD="$board/" PREFIX=/usr DESTDIR="$WORK/boards/root" || return
	image=$(grep -l 'a board of mine' "$WORK"/boards/root/usr/lib/tstee-partitions/mine/bin/*.elf) || return
	# The stack's size is behind the UUID in the image.
	sed -i 's/BOARD_STACK.*/BOARD_STACK 32768/' "$board/board.h" && scripts/board "$board/" || return
	[ "$(aarch64-linux-gnu-objcopy -O binary --only-section=.sp_head build/board/mine/partitions/its.elf /dev/stdout |
		od -An -tu4 -j16 -N4 | tr -d ' ')" = 32768 ] && [ -n "$image" ]
}

# board_is_refused SED FILE WORD: in one line that names what is missing.
board_is_refused() {
	local board=$WORK/boards/wrong
	rm -rf "$board"
	mkdir -p "$board" && cp board/template/* "$board/" || return
	sed -i "$1" "$board/$2"
	[ -s "$board/$2" ] || rm "$board/$2"
	! scripts/board "$board/" 2>"$WORK/refused" && cat "$WORK/refused" && grep -- "$3" "$WORK/refused"
}

# As an integrator does: OP-TEE's tree, as it is released, and the fragment.
optee_takes_it() {
	local tree=$WORK/boards/optee
	rm -rf "$tree"
	mkdir -p "$tree" && tar -C "$tree" -xf "$(platform/qemu/build optee)/tree.tar" || return
	printf 'include %s\n' "$PWD/$BOARD_KIT/sp.mk" >>"$tree/core/arch/arm/plat-vexpress/conf.mk"
	make -C "$tree" -j"$(nproc)" PLATFORM=vexpress-qemu_armv8a CFG_USER_TA_TARGETS=ta_arm64 CFG_ARM_GICV3=y \
		CFG_BUILD_IN_TREE_TA=n CFG_TEE_RAM_VA_SIZE=0x400000 CROSS_COMPILE=aarch64-linux-gnu- \
		CROSS_COMPILE64=aarch64-linux-gnu- PYTHON3=/usr/bin/python3 O=integrator \
		integrator/core/tee-header_v2.bin integrator/core/tee-pager_v2.bin integrator/core/tee-pageable_v2.bin || return
	grep -qx 'CFG_NUM_THREADS=8' "$tree/integrator/conf.mk" && grep -qx 'CFG_SECURE_PARTITION=y' "$tree/integrator/conf.mk" &&
		ls "$tree"/integrator/core/sp_*dc1eef48*
}

# optee_is REVISION KIT: what make says where a tree of that revision includes the kit's fragment.
optee_is() {
	local tree=$WORK/boards/tree
	mkdir -p "$tree/mk"
	printf 'CFG_OPTEE_REVISION_MAJOR ?= %s\nCFG_OPTEE_REVISION_MINOR ?= %s\n' "${1%.*}" "${1#*.}" >"$tree/mk/config.mk"
	printf 'include %s/sp.mk\nall:\n\t@echo taken\n' "$2" | make -s -C "$tree" -f - 2>&1 || true
}

# optee_refuses REVISION KIT WORDS
optee_refuses() {
	local said
	said=$(optee_is "$1" "$2")
	echo "$said"
	[[ $said == *"$3"* && $said != *taken* ]]
}

older_optee_is_refused() {
	local kit=$PWD/$BOARD_KIT narrow=$WORK/boards/narrow partition=build/board/template/partitions/crypto path
	OPTEE=4.6 scripts/kit "$narrow" "$partition" || return
	[ "$(optee_is 4.10 "$kit")" = taken ] && [ "$(optee_is 4.7 "$kit")" = taken ] && [ "$(optee_is 5.0 "$kit")" = taken ] &&
		optee_refuses 4.6 "$kit" "OP-TEE 4.7 or later, and this is 4.6" &&
		optee_refuses 3.22 "$kit" "and this is 3.22" &&
		optee_refuses 4.5 "$narrow" "OP-TEE 4.6 or later, and this is 4.5" &&
		[ "$(optee_is 4.6 "$narrow")" = taken ] || return
	# 16 bits in the one, as it is in the other.
	path=$(basename "$narrow"/manifest/*.dtb)
	[ "$(fdtget -t bx "$narrow/manifest/$path" / boot-order)" = "0 1" ] &&
		[ "$(fdtget -t bx "$kit/manifest/$path" / boot-order)" = "0 0 0 1" ] &&
		! OPTEE=4.5 scripts/kit "$narrow" "$partition" 2>&1 | grep -v 'must be 4.6'
}

stage_boards() {
	check "the template board is built" template_is_built
	check "a board elsewhere decides, and is installed" board_decides
	check "a board without an implementation ID is refused" \
		board_is_refused /IMPLEMENTATION/d board.h BOARD_IMPLEMENTATION
	check "a board without a life cycle is refused" board_is_refused '/define BOARD_LIFECYCLE/d' board.h BOARD_LIFECYCLE
	check "a board without a heap is refused" board_is_refused /HEAP/d board.h BOARD_CRYPTO_HEAP
	check "a board without a length of messages is refused" board_is_refused /CRYPTO_MESSAGE/d board.h BOARD_CRYPTO_MESSAGE
	check "a board with messages too short for a record is refused" \
		board_is_refused 's/CRYPTO_MESSAGE.*/CRYPTO_MESSAGE 0x10000/' board.h 'BOARD_CRYPTO_MESSAGE must be'
	check "a board without a stack is refused" board_is_refused /STACK/d board.h BOARD_STACK
	check "a board that doesn't say how many flash chips it has is refused" \
		board_is_refused /FLASH_CHIPS/d board.h BOARD_FLASH_CHIPS
	check "a board without a manifest is refused" board_is_refused 'd' crypto.dts 'no crypto.dts'
	check "a board with a wrong manifest is refused" board_is_refused 's/boot-order = <1>/boot-order = <0x10000>/' \
		crypto.dts 'crypto.dts:.*boot-order'
	check "OP-TEE's build takes what is made" optee_takes_it
	check "an older OP-TEE refuses it, and says why" older_optee_is_refused
	rm -rf "$WORK/boards"
}
