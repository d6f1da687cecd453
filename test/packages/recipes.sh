# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# The recipes for Yocto and buildroot, with stand-ins for both, without network. Sourced by ./run.

STAGING=$WORK/staging

# What the other recipes have put there: libraries for the target, none of them static; headers of Mbed
# TLS; pkg-config's files in one folder.
make_staging() {
	local from headers
	from=$(platform/qemu/build sysroot) && headers=$(platform/qemu/build options sel0 | sed -n 's/^-Dmbedtls_source=//p') || return
	rm -rf "$STAGING"
	mkdir -p "$STAGING/usr/lib/pkgconfig" "$STAGING/usr/include"
	cp -r "$from"/usr/include/{openssl,jansson*.h} "$from"/usr/include/aarch64-linux-gnu/openssl "$headers"/include/{mbedtls,psa} \
		/usr/include/p11-kit-1 "$STAGING/usr/include/" || return
	cp -P "$from"/usr/lib/aarch64-linux-gnu/lib{crypto,ssl,jansson}.so* "$STAGING/usr/lib/" || return
	cp "$from"/usr/lib/aarch64-linux-gnu/pkgconfig/{libcrypto,jansson}.pc "$(pkg-config --variable=pcfiledir p11-kit-1)/p11-kit-1.pc" \
		"$STAGING/usr/lib/pkgconfig/" && sed -i 's|^libdir=.*|libdir=${prefix}/lib|' "$STAGING"/usr/lib/pkgconfig/*.pc
	cat >"$WORK/cross.ini" <<-INI
		[binaries]
		c = 'aarch64-linux-gnu-gcc'
		ar = 'aarch64-linux-gnu-gcc-ar'
		strip = 'aarch64-linux-gnu-strip'
		objcopy = 'aarch64-linux-gnu-objcopy'
		# Meson's name for it until 1.3, and since.
		pkgconfig = 'pkg-config'
		pkg-config = 'pkg-config'

		[properties]
		needs_exe_wrapper = true
		sys_root = '$STAGING'
		pkg_config_libdir = '$STAGING/usr/lib/pkgconfig'

		[host_machine]
		system = 'linux'
		cpu_family = 'aarch64'
		cpu = 'aarch64'
		endian = 'little'
	INI
}

# fetched FOLDER: TSTEE, and QCBOR beside it, as they are unpacked there.
fetched() {
	rm -rf "$1"
	mkdir -p "$1/tstee" "$1/qcbor"
	git ls-files -z | xargs -0 cp --parents -t "$1/tstee" &&
		cp -r "$(option qcbor)"/{inc,src} "$1/qcbor/"
}

# yocto SERIES RECIPE UNPACKDIR: below $WORK/yocto.
yocto() {
	rm -rf "$WORK/yocto"
	fetched "$WORK/yocto$3" && offline test/packages/yocto "$1" "$2" "WORKDIR=$WORK/yocto" "STAGING_DIR_HOST=$STAGING" \
		"STAGING_KERNEL_DIR=$(platform/qemu/build devel 6.12)" "CROSS_FILE=$WORK/cross.ini" \
		"TSTEE_SRC_URI=git://example.org/tstee;destsuffix=tstee"
}

is_aarch64() {
	local file
	for file; do
		file -b "$file" | grep -q 'ELF 64-bit.*ARM aarch64' || { echo "$file: not aarch64" && return 1; }
	done
}

yocto_programs() {
	local packages=$WORK/yocto/packages
	yocto walnascar tstee /sources && is_aarch64 "$packages/libtstee/usr/lib/libtstee.so.0.1.0" "$packages/tstee/usr/bin/tstee" \
		"$packages/tstee-pkcs11/usr/lib/pkcs11/tstee-pkcs11.so" &&
		[ -e "$packages/tstee-dev/usr/include/tstee/tstee.h" ] && [ -e "$packages/tstee-staticdev/usr/lib/libtstee.a" ] &&
		! aarch64-linux-gnu-readelf -d "$packages"/tstee/usr/bin/tstee | grep 'RUNPATH.*/'"${PWD//\//.}"
}

# Which unpacks into WORKDIR itself.
yocto_driver() {
	yocto scarthgap tstee-mod '' && is_aarch64 "$WORK"/yocto/image/lib/modules/installed/updates/tstee.ko
}

buildroot() {
	local out=$WORK/buildroot
	rm -rf "$out"
	fetched "$out" && mkdir "$out/target" && cp -r "$STAGING" "$out/staging" &&
		sed "s|$STAGING|$out/staging|" "$WORK/cross.ini" >"$out/cross.ini" &&
		offline make -f test/packages/buildroot.mk "D=$out/tstee" "CROSS=$out/cross.ini" "STAGING_DIR=$out/staging" \
			"TARGET_DIR=$out/target" "LINUX_DIR=$(platform/qemu/build devel 6.12)" "QCBOR=$out/qcbor" \
			"MBEDTLS=$(platform/qemu/build options sel0 | sed -n 's/^-Dmbedtls_source=//p')" &&
		is_aarch64 "$out"/target/usr/{bin/tstee,lib/libtstee.so.0.1.0} "$out"/target/lib/modules/*/updates/tstee.ko &&
		[ -e "$out/staging/usr/include/tstee/tstee.h" ] && grep -q '^- - tee -1 ' "$out/target/users"
}

# What the package is built with, it selects.
buildroot_selects() {
	local name
	[ -s "$WORK/buildroot/target/dependencies" ] || return
	for name in $(sed 's/host-[a-z0-9-]*//g; y/abcdefghijklmnopqrstuvwxyz-/ABCDEFGHIJKLMNOPQRSTUVWXYZ_/' "$WORK/buildroot/target/dependencies"); do
		grep -qx "	select BR2_PACKAGE_$name" packaging/recipes/buildroot/tstee/Config.in || { echo "$name isn't selected" && return 1; }
	done
}

stage_recipes() {
	check "recipes: a target's libraries" make_staging
	check "Yocto's recipe builds programs, and packs all of them" yocto_programs
	check "Yocto's recipe builds the driver" yocto_driver
	check "buildroot's recipe builds programs and the driver" buildroot
	check "buildroot's recipe selects what it needs" buildroot_selects
	rm -rf "$STAGING" "$WORK"/{yocto,buildroot}
}
