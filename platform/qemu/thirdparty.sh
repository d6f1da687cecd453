# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What the machine takes from others, as cache entries (cache.sh): fetched from Debian's
# archive through a private apt configuration, and built. Sourced by ./build.
#
# Each public function third_NAME sets STEP to the entry's folder.

THIRD_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CROSS=aarch64-linux-gnu-
JOBS=$(nproc)
APT_DIR=$TSTEE_CACHE/apt
SUITES='bookworm bookworm-updates bookworm-backports trixie trixie-updates trixie-backports sid'
SECURITY_SUITES='bookworm-security trixie-security'

# The compiler is an input of everything that it builds.
toolchain_version() {
	"${CROSS}gcc" --version | head -n 1
	"${CROSS}ld" --version | head -n 1
}

# Runs an apt program on an index of its own: the host's configuration and state stay as
# they are, and other suites, sources and arm64 can be had. The mirror is the host's.
private_apt() {
	local program=$1
	shift
	# One at a time: several steps may be fetching.
	flock "$APT_DIR/lock" "$program" -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$APT_DIR/etc" \
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State::Lists="$APT_DIR/lists" -o Dir::Cache="$APT_DIR/cache" \
		-o APT::Architectures=amd64,arm64 -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# The host's own release; the machine is made of several, whichever that is.
host_suite() {
	(
		# shellcheck source=/dev/null
		. /etc/os-release
		case ${VERSION_CODENAME:-} in
		bookworm | trixie) echo "$VERSION_CODENAME" ;;
		*) echo bookworm ;;
		esac
	)
}

# The host's mirror of the archive that holds $1 (a suite).
host_mirror() {
	local uri
	uri=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(RELEASE) $(SUITE) $(REPO_URI)' \
		'Created-By: Packages' | grep -E " $1( |/)" | awk '{ print $NF; exit }')
	[ -n "$uri" ] || die "apt on this machine has no source for '$1'; add it to its sources and" \
		"run 'apt-get update'"
	printf '%s\n' "${uri%/}"
}

apt_index() {
	local lock main security stanza='Types: deb deb-src\nURIs: %s\nSuites: %s\nComponents: main\nArchitectures: amd64 arm64\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n'

	mkdir -p "$APT_DIR"/{etc,lists/partial,cache/archives/partial}
	exec {lock}>"$APT_DIR/index-lock"
	flock "$lock"
	# Steps run in subshells: a file says that the index was read in the last hour.
	if [ -n "$(find "$APT_DIR/read" -mmin -60 2>/dev/null)" ]; then
		exec {lock}>&-
		return
	fi
	main=$(host_mirror "$(host_suite)")
	security=$(host_mirror "$(host_suite)-security")
	# shellcheck disable=SC2059 # the format is ours
	{
		printf "$stanza" "$main" "$SUITES"
		printf "$stanza" "$security" "$SECURITY_SUITES"
	} >"$APT_DIR/etc/archive.sources"
	quietly "reading Debian's package index" "$TSTEE_CACHE/log/apt-update" \
		private_apt apt-get update
	touch "$APT_DIR/read"
	exec {lock}>&-
}

# fetch_binary PACKAGE[:ARCH] SUITE...: the package's file from the first suite that
# delivers it, in the working folder.
fetch_binary() {
	local package=$1 suite
	shift
	apt_index
	for suite in "$@"; do
		if private_apt apt-get download "$package/$suite" >>"$TSTEE_CACHE/log/fetch" 2>&1; then
			say "  fetched $(ls -- *.deb)"
			return
		fi
	done
	die "no suite of '$*' delivers $package; see $TSTEE_CACHE/log/fetch"
}

# fetch_source PACKAGE SUITE...: the source package's files, likewise.
fetch_source() {
	local package=$1 suite
	shift
	apt_index
	for suite in "$@"; do
		rm -f -- *
		if private_apt apt-get source --download-only "$package/$suite" \
			>>"$TSTEE_CACHE/log/fetch" 2>&1; then
			say "  fetched $(ls -- *.dsc)"
			return
		fi
	done
	die "no suite of '$*' delivers the source of $package; see $TSTEE_CACHE/log/fetch"
}

# unpack_source TREE [FOLDER]: the source package in FOLDER, or $FROM, with Debian's patches. The index
# that named its files was signed; the key of whoever uploaded them isn't here to be asked again.
unpack_source() {
	dpkg-source --extract "${2:-$FROM}"/*.dsc "$1" >>"$TSTEE_CACHE/log/unpack" 2>&1 ||
		die "can't unpack $(echo "${2:-$FROM}"/*.dsc); see $TSTEE_CACHE/log/unpack"
}

get_tfa_source() { fetch_source arm-trusted-firmware trixie sid; }

# Before 4.7 a manifest's boot-order is 16 bits wide: OP-TEE panics at one of our partitions. So
# Debian 13's 4.5 can't take the place of sid's.
OPTEE_OLDEST=4.7
get_optee_source() {
	local version
	fetch_source optee-os sid
	version=$(sed -n 's/^Version: //p' -- *.dsc)
	dpkg --compare-versions "$version" ge "$OPTEE_OLDEST" ||
		die "optee-os $version can't host the partitions: OP-TEE $OPTEE_OLDEST or later can," \
			"which Debian's sid should have"
}
get_mbedtls_source() { fetch_source mbedtls trixie sid; }
get_awslc_source() { fetch_source rust-aws-lc-sys sid; }
get_nanopb_source() { fetch_source nanopb bookworm trixie sid; }
get_picolibc() { fetch_binary picolibc-aarch64-linux-gnu bookworm; }
get_busybox() { fetch_binary busybox-static:arm64 sid trixie bookworm; }
# One release's packages, for the C library of the toolchain; a folder each.
get_optee_client() {
	local package
	for package in libteec1 optee-client-dev tee-supplicant; do
		mkdir "$package"
		(
			cd "$package" || exit
			fetch_binary "$package:arm64" bookworm
		)
	done
}
# An openssl program that knows ML-DSA and ML-KEM, for tests, with all that it is linked with.
get_openssl() {
	local package
	for package in openssl libssl3t64 libc6 zlib1g libzstd1; do
		mkdir "$package"
		(
			cd "$package" || exit
			fetch_binary "$package:$(dpkg --print-architecture)" trixie-security trixie
		)
	done
}
# What the guest's tstee is linked with; a folder each.
get_guest_libraries() {
	local package
	for package in libssl-dev libjansson-dev; do
		mkdir "$package"
		(
			cd "$package" || exit
			fetch_binary "$package:arm64" bookworm-security bookworm
		)
	done
}
get_linux_6_1() { fetch_binary linux-source-6.1 bookworm-security bookworm; }
get_linux_6_12() { fetch_binary linux-source-6.12 bookworm-security trixie-security trixie; }
get_linux_newest() {
	apt_index
	fetch_binary "$(private_apt apt-cache pkgnames linux-source- |
		grep -xE 'linux-source-[0-9.]+' | sort -V | tail -n 1)" sid trixie-backports
}

# What is made of more than once: sets STEP to the entry with the package.
source_mbedtls() { cache_step fetch-mbedtls get_mbedtls_source "$(declare -f fetch_source)"; }
source_awslc() { cache_step fetch-awslc get_awslc_source "$(declare -f fetch_source)"; }
source_nanopb() { cache_step fetch-nanopb get_nanopb_source "$(declare -f fetch_source)"; }
source_optee() { cache_step fetch-optee get_optee_source "$(declare -f fetch_source)" "$OPTEE_OLDEST"; }
source_picolibc() { cache_step fetch-picolibc get_picolibc "$(declare -f fetch_binary)"; }

# third_sources host|guest|sel0 aws-lc|none: all that its libraries are made of, so that what is missing, or isn't
# what it was, is noticed before the first of them is made.
third_sources() {
	[ "$2" = none ] || source_awslc
	source_mbedtls
	source_nanopb
	source_optee
	case $1 in
	guest)
		cache_step fetch-guest-libraries get_guest_libraries "$(declare -f fetch_binary)"
		cache_step fetch-optee-client get_optee_client "$(declare -f fetch_binary)"
		;;
	sel0) source_picolibc ;;
	esac
}

unpack_deb() {
	dpkg -x "$FROM"/*.deb .
}

# The run-time of nanopb: pb*.[ch].
make_nanopb() {
	unpack_source tree
	cp tree/pb.h tree/pb_{common,decode,encode}.[ch] .
	rm -rf tree
}

third_nanopb() {
	source_nanopb
	FROM=$STEP cache_step nanopb make_nanopb "$STEP/.sums" "$(declare -f unpack_source)"
}

# QCBOR as it is in OP-TEE's source: inc/ and src/.
make_qcbor() {
	unpack_source tree
	mv tree/core/lib/qcbor/{inc,src} .
	rm -rf tree
}

third_qcbor() {
	source_optee
	FROM=$STEP cache_step qcbor make_qcbor "$STEP/.sums" "$(declare -f unpack_source)"
}

third_picolibc() {
	source_picolibc
	FROM=$STEP cache_step picolibc unpack_deb "$STEP/.sums"
}

third_busybox() {
	cache_step fetch-busybox get_busybox "$(declare -f fetch_binary)"
	FROM=$STEP cache_step busybox unpack_deb "$STEP/.sums"
}

# Several packages in one tree.
unpack_debs() {
	local package
	for package in "$FROM"/*/*.deb; do
		dpkg -x "$package" .
	done
}

# OP-TEE's library for clients and its helper in user space, as Debian packages them.
third_optee_client() {
	cache_step fetch-optee-client get_optee_client "$(declare -f fetch_binary)"
	FROM=$STEP cache_step optee-client unpack_debs "$STEP/.sums"
}

# STEP/openssl runs it, wherever the folder is copied to.
make_openssl() {
	local loader
	unpack_debs
	loader=$(find usr/lib -name 'ld-linux-*.so.*' -path "*/$(dpkg-architecture -qDEB_HOST_MULTIARCH)/*")
	[ -n "$loader" ] || die "Debian 13's libc6 has its loader elsewhere"
	cat >openssl <<-END
		#!/bin/sh
		here=\$(dirname "\$0")
		exec "\$here/$loader" --library-path "\$here/$(dirname "$loader")" "\$here/usr/bin/openssl" "\$@"
	END
	chmod 755 openssl
}

third_openssl() {
	cache_step fetch-openssl get_openssl "$(declare -f fetch_binary)"
	FROM=$STEP cache_step openssl make_openssl "$STEP/.sums" "$(declare -f make_openssl)"
}

# Published answers of ML-DSA and ML-KEM as python3-cryptography's tests use them: kat_*.rsp, with the first 100 of each.
get_vectors() { fetch_binary python3-cryptography-vectors sid; }

make_vectors() {
	local file
	dpkg-deb --fsys-tarfile "$FROM"/*.deb |
		tar -x --wildcards '*/asymmetric/MLDSA/*.rsp' '*/asymmetric/MLKEM/*.rsp' ||
		die "python3-cryptography-vectors has no answers of ML-DSA and ML-KEM any more"
	find usr -name '*.rsp' | while read -r file; do
		sed '/^count = 100$/,$d' "$file" >"${file##*/}"
	done
	rm -rf usr
}

third_vectors() {
	cache_step fetch-vectors get_vectors "$(declare -f fetch_binary)"
	FROM=$STEP cache_step vectors make_vectors "$STEP/.sums"
}

third_guest_libraries() {
	cache_step fetch-guest-libraries get_guest_libraries "$(declare -f fetch_binary)"
	FROM=$STEP cache_step guest-libraries unpack_debs "$STEP/.sums"
}

# Debian 12's libraries for arm64, which its packages are linked with; a folder each.
get_sysroot() {
	local package
	for package in libc6 libseccomp2 libseccomp-dev libfdt1 libfdt-dev libssl3 libssl-dev libjansson4 \
		libjansson-dev; do
		mkdir "$package"
		(
			cd "$package" || exit
			fetch_binary "$package:arm64" bookworm
		)
	done
}

# The files, and the part of dpkg's database that dpkg-shlibdeps asks, in which @ stands for the
# folder that this is in.
make_sysroot() {
	local deb package file db=var/lib/dpkg
	mkdir -p "$db/info" "$db/updates"
	# Files there are named by architecture, too.
	echo 1 >"$db/info/format"
	for deb in "$FROM"/*/*.deb; do
		dpkg -x "$deb" .
		package=$(dpkg-deb -f "$deb" Package):arm64
		dpkg-deb -e "$deb" control
		for file in shlibs symbols; do
			[ ! -e "control/$file" ] || mv "control/$file" "$db/info/$package.$file"
		done
		rm -rf control
		dpkg-deb --fsys-tarfile "$deb" | tar -t | sed 's|^\.|@|; s|/$||' >"$db/info/$package.list"
		{
			dpkg-deb -f "$deb"
			printf 'Status: install ok installed\n\n'
		} >>"$db/status"
	done
}

third_sysroot() {
	cache_step fetch-sysroot get_sysroot "$(declare -f fetch_binary)"
	FROM=$STEP cache_step sysroot make_sysroot "$STEP/.sums"
}

# A clean root of a Debian release, made by debootstrap: root.tar. It has what packages of TSTEE
# depend on, and what their tests use; for arm64 that is also what boots, and what DKMS builds with.
# By root only.
ROOT_PACKAGES=libseccomp2,libfdt1,libjansson4,openssl,gcc,libc6-dev,pkg-config,systemd,systemd-sysv,dbus,libpam-systemd
ROOT_ARM64_PACKAGES=udev,dkms,linux-image-arm64,linux-headers-arm64

make_root() {
	quietly "Debian $ROOT_SUITE: making a root" "$TSTEE_CACHE/log/root-$ROOT_SUITE" \
		debootstrap --variant=minbase --include="$ROOT_PACKAGES" \
		--keyring=/usr/share/keyrings/debian-archive-keyring.gpg "$ROOT_SUITE" root "$ROOT_MIRROR"
	rm -rf root/var/cache/apt/archives/*.deb root/var/lib/apt/lists/* root/etc/apt/sources.list
	tar -C root --numeric-owner -cf root.tar .
	rm -rf root
}

# Packages are configured by their own programs, which are arm64's.
make_root_arm64() {
	quietly "Debian $ROOT_SUITE for arm64: unpacking" "$TSTEE_CACHE/log/root-$ROOT_SUITE-arm64" \
		debootstrap --foreign --arch=arm64 --variant=minbase --include="$ROOT_PACKAGES" \
		--keyring=/usr/share/keyrings/debian-archive-keyring.gpg "$ROOT_SUITE" root "$ROOT_MIRROR"
	# What the machine's disk needs; to find out what every machine would takes ten minutes.
	mkdir -p root/etc/initramfs-tools/conf.d
	echo MODULES=list >root/etc/initramfs-tools/conf.d/machine
	printf '%s\n' virtio_mmio virtio_blk ext4 >root/etc/initramfs-tools/modules
	# The second stage makes no device nodes in a container.
	quietly "Debian $ROOT_SUITE for arm64: making a root (10 minutes)" \
		"$TSTEE_CACHE/log/root-$ROOT_SUITE-arm64" "$THIRD_DIR/foreign" chroot root env -i \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 container=lxc \
		/debootstrap/debootstrap --second-stage
	rm -rf root/var/cache/apt/archives/*.deb root/var/lib/apt/lists/* root/etc/apt/sources.list
	tar -C root --numeric-owner -cf root.tar .
	rm -rf root
}

# third_root SUITE [arm64]
third_root() {
	local packages version
	ROOT_MIRROR=$(host_mirror "$(host_suite)")
	if [ "${2:-}" != arm64 ]; then
		ROOT_SUITE=$1 cache_step "root-$1" make_root "$1" "$ROOT_PACKAGES"
		return
	fi
	case $1 in
	bookworm) version=6.1 ;;
	trixie) version=6.12 ;;
	esac
	packages=$ROOT_PACKAGES,$ROOT_ARM64_PACKAGES,linux-source-$version
	ROOT_SUITE=$1 ROOT_PACKAGES=$packages cache_step "root-$1-arm64" make_root_arm64 "$1" "$packages"
}

# collect_linux SRC DIR: what is needed of a tree that was built. Image, modules/ (OP-TEE's driver and
# Linux's own tstee), release (as uname -r prints it), devel/ (what building an external module
# and checkpatch need).
collect_linux() {
	local src=$1 dir
	mkdir -p "$2/modules" "$2/devel"
	dir=$(cd "$2" && pwd)
	cp "$src/arch/arm64/boot/Image" "$dir/Image"
	find "$src/drivers/tee" -name '*.ko' -exec cp {} "$dir/modules/" \;
	make -s -C "$src" kernelrelease >"$dir/release"
	(
		cd "$src" || exit
		cp -a --parents Makefile Kbuild Kconfig .config Module.symvers scripts \
			include arch/arm64/include arch/arm64/Makefile "$dir/devel/"
		find arch/arm64/kernel/vdso* -name '*.lds' -exec cp --parents {} "$dir/devel/" \;
		if [ -e arch/arm64/kernel/module.lds ]; then
			cp --parents arch/arm64/kernel/module.lds "$dir/devel/"
		fi
	)
}

# A kernel, configured by the fragments $KERNEL_CONFIGS. In floor/, if there is the patch $KERNEL_FLOOR,
# the same as its branch was in the beginning: release .0, without the fixes that the patch takes
# back. Only what differs is built again.
make_linux() {
	local src fragments=()
	dpkg -x "$FROM"/*.deb deb
	mkdir src
	quietly "$KERNEL: unpacking" "$TSTEE_CACHE/log/$KERNEL-unpack" \
		tar -C src --strip-components=1 -xf deb/usr/src/linux-source-*.tar.xz
	rm -rf deb
	src=$PWD/src
	export ARCH=arm64 CROSS_COMPILE=$CROSS KBUILD_BUILD_TIMESTAMP=1970-01-01 \
		KBUILD_BUILD_USER=tstee KBUILD_BUILD_HOST=tstee
	mapfile -t fragments <<<"$KERNEL_CONFIGS"
	configure_linux() {
		make -C "$src" allnoconfig &&
			(cd "$src" && scripts/kconfig/merge_config.sh -m .config "${fragments[@]}") &&
			make -C "$src" olddefconfig
	}
	quietly "$KERNEL: configuring" "$TSTEE_CACHE/log/$KERNEL-config" configure_linux
	quietly "$KERNEL: building (3 minutes on two cores)" "$TSTEE_CACHE/log/$KERNEL-build" \
		make -C "$src" -j"$JOBS" Image modules
	collect_linux "$src" .
	if [ -n "$KERNEL_FLOOR" ]; then
		patch -s -d "$src" -p1 <"$KERNEL_FLOOR" || die "$KERNEL_FLOOR does not apply"
		sed -i 's/^SUBLEVEL = .*/SUBLEVEL = 0/' "$src/Makefile"
		quietly "$KERNEL: building its floor" "$TSTEE_CACHE/log/$KERNEL-floor" \
			make -C "$src" -j"$JOBS" Image modules
		collect_linux "$src" floor
	fi
	rm -rf src
}

# Debian's own kernel for arm64 as packages have it, and what modules for it are built with here.
get_stock_6_1() {
	local release
	fetch_binary linux-image-arm64:arm64 bookworm-security bookworm
	release=$(dpkg-deb -f linux-image-arm64_*.deb Depends | sed -n 's/.*linux-image-\([^ ,]*\).*/\1/p')
	fetch_binary "linux-image-$release:arm64" bookworm-security bookworm
	fetch_binary "linux-headers-$release:arm64" bookworm-security bookworm
	fetch_binary "linux-headers-${release%-arm64}-common" bookworm-security bookworm
	fetch_binary linux-kbuild-6.1 bookworm-security bookworm
}

# Image, modules/ (of TEEs and virtio), release, usr/ (headers and Kbuild) and source/ (the source
# package, as DKMS finds it).
make_stock() {
	local deb
	for deb in "$FROM"/*.deb; do
		dpkg -x "$deb" root
	done
	mv root/boot/vmlinuz-* Image
	basename root/lib/modules/* >release
	mkdir modules usr source
	find root/lib/modules \( -name tee.ko -o -name optee.ko -o -name 'virtio_*.ko' \) \
		-exec cp {} modules/ \;
	mv root/usr/src root/usr/lib usr/
	# Wherever they lie.
	sed -i 's|^include /usr/src/|include ../|' usr/src/*/Makefile
	rm -rf root
	dpkg -x "$SOURCE_FROM"/*.deb deb
	mv deb/usr/src/linux-source-*.tar.xz source/
	rm -rf deb
}

# tee.ko of Debian's own kernel in $STOCK with $TEE_DEVICES, which gives the TEE core more devices.
make_tee_devices() {
	local devel
	devel=$(echo "$STOCK"/usr/src/linux-headers-*-arm64)
	tar -xf "$STOCK"/source/linux-source-*.tar.xz --wildcards --strip-components=2 '*/drivers/tee'
	patch -s -d tee -p3 <"$TEE_DEVICES" || die "$TEE_DEVICES does not apply"
	quietly "TEE core with more devices: building" "$TSTEE_CACHE/log/tee-devices" \
		make -C "$devel" M="$PWD/tee" ARCH=arm64 CROSS_COMPILE="$CROSS" CC="${CROSS}gcc" \
		CONFIG_TEE=m CONFIG_OPTEE= CONFIG_AMDTEE= CONFIG_ARM_TSTEE= modules
	cp tee/tee.ko .
	rm -rf tee
}

# STEP/tee.ko, for Debian's own kernel.
third_tee_devices() {
	local stock
	third_stock
	stock=$STEP
	TEE_DEVICES=$THIRD_DIR/linux/tee-devices.patch
	STOCK=$stock cache_step tee-devices make_tee_devices "$stock/.sums" "$TEE_DEVICES" "$(toolchain_version)"
}

third_stock() {
	local source
	cache_step fetch-linux-6.1 get_linux_6_1 "$(declare -f fetch_binary)"
	source=$STEP
	cache_step fetch-stock-6.1 get_stock_6_1 "$(declare -f fetch_binary)"
	FROM=$STEP SOURCE_FROM=$source cache_step stock-6.1 make_stock "$STEP/.sums" "$source/.sums"
}

# What kernels there are, as the scripts' options name them. The last two are Debian's own, with the
# modules that tstee-dkms builds for it; the very last with a TEE core that has more devices.
KERNELS='6.1, 6.12, newest, 6.1-floor, 6.12-floor, 6.12-16k, 6.12-64k, debug, stock-6.1, stock-6.1-devices'

# kernel_name KERNEL: its full name, VERSION or VERSION-FLAVOUR.
kernel_name() {
	case $1 in
	6.1 | 6.12 | newest | 6.1-floor | 6.12-floor | 6.12-16k | 6.12-64k | 6.12-debug | stock-6.1 | stock-6.1-devices) echo "$1" ;;
	debug) echo 6.12-debug ;;
	*) die "there is no kernel '$1'; there are $KERNELS" ;;
	esac
}

# STEP has the package with the source of KERNEL.
third_linux_source() {
	local version
	version=$(kernel_name "$1")
	version=${version%%-*}
	cache_step "fetch-linux-$version" "get_linux_${version//./_}" "$(declare -f fetch_binary)"
}

# third_linux KERNEL
third_linux() {
	local name version flavour='' configs floor=''
	name=$(kernel_name "$1")
	version=${name%%-*}
	configs=("$THIRD_DIR/linux/config")
	case $name in
	*-floor) name=$version flavour=floor ;;
	*-*) configs+=("$THIRD_DIR/linux/config-${name#*-}") ;;
	esac
	if [ "$name" = "$version" ] && [ -e "$THIRD_DIR/linux/$version-floor.patch" ]; then
		floor=$THIRD_DIR/linux/$version-floor.patch
	fi
	third_linux_source "$name"
	FROM=$STEP KERNEL=linux-$name KERNEL_CONFIGS=$(printf '%s\n' "${configs[@]}") \
		KERNEL_FLOOR=$floor cache_step "linux-$name" make_linux "$STEP/.sums" "${configs[@]}" \
		"${floor:-no floor}" "$(declare -f collect_linux)" "$(toolchain_version)"
	STEP+=${flavour:+/$flavour}
}

# As for a product: without assertions, which are a quarter of what a call takes. What is said of a
# partition that dies stays.
OPTEE_FLAGS=(
	PLATFORM=vexpress-qemu_armv8a
	CFG_USER_TA_TARGETS=ta_arm64
	CFG_ARM_GICV3=y
	CFG_CORE_SEL1_SPMC=y
	CFG_SECURE_PARTITION=y
	CFG_BUILD_IN_TREE_TA=n
	CFG_NUM_THREADS=8
	CFG_CC_OPT_LEVEL=2
	CFG_TEE_CORE_DEBUG=n
	CFG_UNWIND=y
	CFG_TEE_RAM_VA_SIZE=0x400000
	CFG_TEE_CORE_LOG_LEVEL=1
	CFG_CORE_TPM_EVENT_LOG=y
	DEBUG=0
	CROSS_COMPILE="$CROSS"
	CROSS_COMPILE64="$CROSS"
	PYTHON3=/usr/bin/python3
	O=out
)

# optee_make TREE ARG...: OP-TEE asks git and the clock for what it prints as its version;
# it would find this tree's. What is built is what goes into the firmware, and not what
# trusted applications are made with.
optee_make() {
	local tree=$1
	shift
	GIT_DIR=/nonexistent SOURCE_DATE_EPOCH=0 make -C "$tree" -j"$JOBS" "${OPTEE_FLAGS[@]}" "$@" \
		out/core/tee-header_v2.bin out/core/tee-pager_v2.bin out/core/tee-pageable_v2.bin
}

# tree.tar: OP-TEE's source tree, built without partitions in out/. Whoever embeds some
# unpacks it and runs make again with SP_PATHS, which only links.
make_optee() {
	unpack_source tree
	quietly "OP-TEE: building (one minute)" "$TSTEE_CACHE/log/optee" \
		optee_make tree
	tar -cf tree.tar -C tree .
	rm -rf tree
}

third_optee() {
	source_optee
	FROM=$STEP cache_step optee make_optee "$STEP/.sums" "$(toolchain_version)" \
		"${OPTEE_FLAGS[@]}" "$(declare -f optee_make)" "$(declare -f unpack_source)"
}

# build_tfa NAME TITLE FLAG...: bl1.bin, fip.bin (BL2, BL31 and the SPM core's manifest; what runs at
# S-EL1 is added later) and fiptool.
build_tfa() {
	local name=$1 title=$2 flags=(
		PLAT=qemu
		CROSS_COMPILE="$CROSS"
		DEBUG=0
		LOG_LEVEL=20
		SPD=spmd
		SPMD_SPM_AT_SEL2=0
		CTX_INCLUDE_EL2_REGS=0
		ENABLE_SME_FOR_NS=0
		ENABLE_SME_FOR_SWD=0
		QEMU_USE_GIC_DRIVER=QEMU_GICV3
		BL32_RAM_LOCATION=tdram
		BL32="$PWD/none"
		QEMU_TOS_FW_CONFIG_DTS="$THIRD_DIR/tfa/spmc_manifest.dts"
		ARM_LINUX_KERNEL_AS_BL33=1
		PRELOADED_BL33_BASE=0x44000000
		BUILD_MESSAGE_TIMESTAMP='"reproducible"'
		MEASURED_BOOT=1
		MBEDTLS_DIR="$PWD/mbedtls"
		E=0 # Mbed TLS's headers warn under TF-A's flags
	)
	shift 2
	: >none
	unpack_source tree
	unpack_source mbedtls "$MBEDTLS_FROM"
	cp "$THIRD_DIR/tfa/measured_boot.c" tree/plat/qemu/qemu/qemu_measured_boot.c
	quietly "$title: building (half a minute)" "$TSTEE_CACHE/log/$name" \
		make -C tree -j"$JOBS" "${flags[@]}" "$@" bl1 bl2 bl31 fiptool fip
	cp tree/build/qemu/release/{bl1.bin,fip.bin} tree/tools/fiptool/fiptool .
	rm -rf tree none mbedtls
}

# tfa_step STEP MAKE: what MAKE makes of TF-A's source.
tfa_step() {
	local mbedtls
	source_mbedtls
	mbedtls=$STEP
	cache_step fetch-tfa get_tfa_source "$(declare -f fetch_source)"
	FROM=$STEP MBEDTLS_FROM=$mbedtls cache_step "$1" "$2" "$STEP/.sums" "$mbedtls/.sums" \
		"$THIRD_DIR/tfa/spmc_manifest.dts" "$THIRD_DIR/tfa/measured_boot.c" "$(toolchain_version)" \
		"$(declare -f unpack_source)" "$(declare -f build_tfa)"
}

make_tfa() {
	build_tfa tfa TF-A SPMC_OPTEE=1 BL32_EXTRA1="$PWD/none" BL32_EXTRA2="$PWD/none"
}

third_tfa() {
	tfa_step tfa make_tfa
}

# The same with the SPM core in TF-A itself, at EL3, and one partition at S-EL1: its manifest is the
# TOS_FW_CONFIG, added later as it is. Without CTX_INCLUDE_FPREGS its vector registers would leak
# into its callers'.
make_tfa_el3() {
	build_tfa tfa-el3 "TF-A with the SPM core at EL3" SPMC_AT_EL3=1 CTX_INCLUDE_FPREGS=1 \
		ENABLE_SVE_FOR_NS=0
}

third_tfa_el3() {
	tfa_step tfa-el3 make_tfa_el3
}

# The same for an SPM core at S-EL2, Hafnium, whose image, manifest and partitions are added later, and what BL2 is
# told of them. Nothing is measured: partitions there have no event log. Hafnium for QEMU tags its stacks, where it
# is built as its project has it, and waits for ever if EL3 keeps that from it.
make_tfa_hafnium() {
	echo '{}' >layout.json
	build_tfa tfa-hafnium "TF-A for Hafnium" SPMD_SPM_AT_SEL2=1 CTX_INCLUDE_EL2_REGS=1 MEASURED_BOOT=0 \
		ENABLE_SVE_FOR_NS=0 ENABLE_FEAT_MTE2=2 SP_LAYOUT_FILE="$PWD/layout.json"
	rm layout.json
}

third_tfa_hafnium() {
	tfa_step tfa-hafnium make_tfa_hafnium
}

# Headers of this tree that go into Mbed TLS: its configuration, and the storage API that its
# PSA core calls.
MBEDTLS_HEADERS=(
	secure/service/mbedtls/config.h
	secure/service/mbedtls/psa_config.h
	include/psa/error.h
	include/psa/internal_trusted_storage.h
	include/psa/storage_common.h
	secure/engine/contexts.h
	secure/engine/driver.h
)
MBEDTLS_HOST_FLAGS=(-fPIC)
if [ "$(uname -m)" = x86_64 ]; then
	# Lets the AES code be intrinsics; whether the processor has them is asked when it runs.
	MBEDTLS_HOST_FLAGS+=(-maes -mpclmul)
fi
# As cross/sel0.ini, but with vector registers; and what is not aligned may be read and written as it
# is, since libraries touch normal memory only.
SEL0_LIBRARY_FLAGS=(
	-march=armv8-a+crc
	-mbranch-protection=none
	-fpie
	-fvisibility=hidden
	-ffreestanding
	-fno-asynchronous-unwind-tables
	-fno-stack-protector
	-U__linux__
	-U__gnu_linux__
	-Ulinux
)

# Headers of its PSA core, for services that do what its API can't.
MBEDTLS_CORE_HEADERS=(psa_crypto_core.h psa_crypto_se.h psa_crypto_slot_management.h)

# include/{library,mbedtls,psa,secure}, lib/libmbedcrypto.a and lib/libmbedx509.a. Whoever includes
# the headers defines MBEDTLS_CONFIG_FILE as here.
make_mbedtls() {
	local header flags=(-std=c99 -O2 -g -ffunction-sections -fdata-sections
		-DMBEDTLS_CONFIG_FILE="'<secure/service/mbedtls/config.h>'" "${MBEDTLS_FLAGS[@]}")
	unpack_source tree
	"$THIRD_DIR/../../secure/engine/hooks" tree || die "Mbed TLS can't be given an engine"
	cp -a tree/include include
	rm include/CMakeLists.txt include/.gitignore
	for header in "${MBEDTLS_HEADERS[@]}"; do
		install -D -m 644 "$THIRD_DIR/../../$header" "include/${header#include/}"
	done
	for header in "${MBEDTLS_CORE_HEADERS[@]}"; do
		install -D -m 644 "tree/library/$header" "include/library/$header"
	done
	quietly "Mbed TLS for $MBEDTLS_TARGET: building" "$TSTEE_CACHE/log/mbedtls-$MBEDTLS_TARGET" \
		make -C tree/library -j"$JOBS" CC="$MBEDTLS_CC" AR="$MBEDTLS_AR" \
		CFLAGS="-I$PWD/include -ffile-prefix-map=$PWD/tree=mbedtls ${flags[*]}" \
		libmbedcrypto.a libmbedx509.a
	mkdir lib
	cp tree/library/libmbed{crypto,x509}.a lib/
	rm -rf tree
}

# third_mbedtls host|guest|sel0 aws-lc|none, its target and its engine
third_mbedtls() {
	local header headers=() source
	for header in "${MBEDTLS_HEADERS[@]}"; do
		headers+=("$THIRD_DIR/../../$header")
	done
	source_mbedtls
	source=$STEP
	MBEDTLS_TARGET=$1
	case $1 in
	host)
		MBEDTLS_CC=gcc MBEDTLS_AR=ar MBEDTLS_FLAGS=("${MBEDTLS_HOST_FLAGS[@]}")
		;;
	guest)
		MBEDTLS_CC=${CROSS}gcc MBEDTLS_AR=${CROSS}ar MBEDTLS_FLAGS=(-fPIC)
		;;
	sel0)
		third_picolibc
		MBEDTLS_CC=${CROSS}gcc MBEDTLS_AR=${CROSS}ar
		MBEDTLS_FLAGS=("${SEL0_LIBRARY_FLAGS[@]}" -march=armv8-a+crc+crypto -isystem
			"$STEP/usr/lib/picolibc/aarch64-linux-gnu/include")
		;;
	esac
	if [ "$2" != none ]; then
		MBEDTLS_FLAGS+=(-DTSTEE_ENGINE)
	fi
	FROM=$source cache_step "mbedtls-$1" make_mbedtls "$source/.sums" "${headers[@]}" \
		"$THIRD_DIR/../../secure/engine/hooks" \
		"$("$MBEDTLS_CC" --version | head -n 1)" "${MBEDTLS_FLAGS[@]}" "$(declare -f unpack_source)"
}

# AWS-LC's code, as far as the engine uses it: what its CMake files would build, without its ASN.1, X.509,
# TLS and files. Of assembly there is all for the processor; the linker takes what is referenced.
AWSLC_SOURCES=(
	bn_extra/{bn_asn1,convert}.c
	bytestring/{ber,cbb,cbs}.c
	chacha/chacha.c
	cipher_extra/e_chacha20poly1305.c
	crypto.c
	engine/engine.c
	ex_data.c
	fipsmodule/bcm.c
	fipsmodule/cpucap/cpucap.c
	mem.c
	poly1305/{poly1305,poly1305_vec}.c
	refcount_{c11,lock}.c
	rsa_extra/{rsa_asn1,rsa_crypt}.c
	stack/stack.c
	thread_none.c
)
AWSLC_BIGNUM=(curve25519 fastmul generic p256 p384 p521 sha3)
# Partitions have one thread, no files, and no use for start-up code that runs before them.
AWSLC_FLAGS=(
	-std=gnu11 -O2 -g -ffunction-sections -fdata-sections -fno-common -fvisibility=hidden
	-DBORINGSSL_IMPLEMENTATION
	-DBORINGSSL_NO_STATIC_INITIALIZER
	-DDISABLE_CPU_JITTER_ENTROPY
	-DNDEBUG
	-DOPENSSL_NO_FILESYSTEM
	-DOPENSSL_NO_POSIX_IO
	-DOPENSSL_NO_SOCK
	-DOPENSSL_NO_THREADS_CORRUPT_MEMORY_AND_LEAK_SECRETS_IF_THREADED
	-DOPENSSL_NO_TTY
	-DS2N_BN_HIDE_SYMBOLS
)

# Included in all of it: what its ML-DSA and ML-KEM would have on the stack, more than 100 KiB of which a
# partition has 16, is on the heap (secure/engine/platform.c).
AWSLC_SCRATCH='#ifndef __ASSEMBLER__
#include <stddef.h>
void *engine_scratch_take(size_t len);
void engine_scratch_give(void *scratch, size_t len);
#endif
#define MLD_CONFIG_CUSTOM_ALLOC_FREE
#define MLD_CUSTOM_ALLOC(v, T, N) T *v = (T *)engine_scratch_take(sizeof(T) * (N))
#define MLD_CUSTOM_FREE(v, T, N) engine_scratch_give(v, sizeof(T) * (N))
#define MLK_CONFIG_CUSTOM_ALLOC_FREE
#define MLK_CUSTOM_ALLOC(v, T, N) T *v = (T *)engine_scratch_take(sizeof(T) * (N))
#define MLK_CUSTOM_FREE(v, T, N) engine_scratch_give(v, sizeof(T) * (N))'

# awslc_for_sel0 TREE: lets AWS-LC's code take s2n-bignum's assembly and that of ML-DSA and ML-KEM, as for the
# systems that it knows, since S-EL0 calls functions as they do; but for P-256's own point multiplication,
# which takes a quarter fewer instructions. The base point's multiples, though, are added by s2n-bignum's function,
# which takes a twelfth fewer than P-256's own but doesn't know zero as the second point: then the sum stays as it
# is. Nothing tells a partition which processor it has, so what is for certain ones only is not linked; nor is what is
# for those without vector registers.
awslc_for_sel0() {
	local fips=$1/crypto/fipsmodule part
	for part in curve25519/internal.h ec/ec_nistp.h sha/internal.h ml_dsa/mldsa_native_backend.h \
		ml_kem/mlkem_native_backend.h; do
		substitute "$fips/$part" 's/defined(OPENSSL_LINUX)/1/'
	done
	substitute "$fips/ec/p256-nistz.c" \
		'/^static void ecp_nistz256_point_mul(/,/^}/s/defined(EC_NISTP_USE_S2N_BIGNUM)/0/'
	substitute "$fips/ec/p256-nistz.c" '/^static void ecp_nistz256_point_mul_base(/,/^}/{
		s/ecp_nistz256_point_add_affine(aligned_p, aligned_p, aligned_t);/P256_POINT sum;\
		const BN_ULONG keep = is_not_zero(wvalue >> 1) - 1, *s = (const BN_ULONG *)\&sum;\
		BN_ULONG *p = (BN_ULONG *)aligned_p;\
		p256_montjmixadd_alt((BN_ULONG *)\&sum, p, (BN_ULONG *)aligned_t);\
		for (size_t j = 0; j < sizeof(sum) \/ sizeof(*s); j++)\
			p[j] = (p[j] \& keep) | (s[j] \& ~keep);/
		}'
	substitute "$fips/cpucap/internal.h" '/ CRYPTO_is_NEON_capable(void) {$/,/^}/s/return .*/return 1;/'
	substitute "$1/include/openssl/arm_arch.h" 's/\(#.*define ARMV8_\(NEOVERSE_..\|APPLE_M\)\) .*/\1 0/'
}

# substitute FILE SCRIPT: sed -i, which must find something to change.
substitute() {
	cp "$1" before
	sed -i "$2" "$1"
	! cmp -s before "$1" || die "AWS-LC's ${1##*/} isn't as it was: what is used at S-EL0?"
	rm before
}

# include/openssl and the headers of ML-DSA and ML-KEM, lib/libawslc.a, LICENSE. Its random generator and its
# queue of errors are left out: whoever links it defines RAND_bytes() and so on (secure/engine/platform.c).
make_awslc() {
	local bcm=tree/aws-lc/crypto/fipsmodule/bcm.c file part
	unpack_source tree
	for part in rand/rand.c rand/entropy/entropy_sources.c rand/entropy/tree_drbg_jitter_entropy.c; do
		grep -qxF "#include \"$part\"" "$bcm" || die "AWS-LC has no $part any more: who gets random bytes from where?"
		sed -i "\\@^#include \"$part\"\$@d" "$bcm"
	done
	[ "$AWSLC_TARGET" != sel0 ] || awslc_for_sel0 tree/aws-lc
	(
		cd tree/aws-lc || exit
		printf 'crypto/%s\n' "${AWSLC_SOURCES[@]}"
		find "generated-src/linux-$AWSLC_ARCH/crypto" -name '*.S' ! -path '*/test/*'
		find "${AWSLC_BIGNUM[@]/#/third_party/s2n-bignum/s2n-bignum-imported/$AWSLC_BIGNUM_ARCH/}" -name '*.S'
		find crypto/fipsmodule/ml_{kem,dsa}/*/native/"$AWSLC_ARCH"/src -name '*.S'
	) | LC_ALL=C sort >sources
	# One object for each, named after its path.
	{
		printf 'CFLAGS = %s -ffile-prefix-map=%s\n' "${AWSLC_FLAGS[*]} ${AWSLC_TARGET_FLAGS[*]}" \
			"$PWD/tree/aws-lc=aws-lc"
		printf 'libawslc.a: %s\n' "$(sed 's@/@_@g; s@$@.o@' sources | tr '\n' ' ')"
		printf '\t$(AR) rcs $@ $^\n'
		while read -r file; do
			printf '%s.o: aws-lc/%s\n\t$(CC) $(CFLAGS) -Iaws-lc/include ' "${file//\//_}" "$file"
			printf -- '-include scratch.h %s -c -o $@ $<\n' -Iaws-lc/third_party/s2n-bignum/s2n-bignum-imported/include
		done <sources
	} >tree/Makefile
	printf '%s\n' "$AWSLC_SCRATCH" >tree/scratch.h
	quietly "AWS-LC for $AWSLC_TARGET: building (half a minute)" "$TSTEE_CACHE/log/awslc-$AWSLC_TARGET" \
		make -C tree -j"$JOBS" CC="$AWSLC_CC" AR="$AWSLC_AR" libawslc.a
	mkdir include lib
	cp -a tree/aws-lc/include/openssl include/openssl
	cp tree/aws-lc/crypto/fipsmodule/ml_{dsa/ml_dsa,kem/ml_kem}.h include/
	cp tree/libawslc.a lib/
	cp tree/aws-lc/LICENSE .
	rm -rf tree sources
}

# third_awslc host|guest|sel0
third_awslc() {
	local source
	source_awslc
	source=$STEP
	AWSLC_TARGET=$1 AWSLC_TARGET_FLAGS=() AWSLC_CC=${CROSS}gcc AWSLC_AR=${CROSS}ar
	AWSLC_ARCH=aarch64 AWSLC_BIGNUM_ARCH=arm
	case $1 in
	host)
		AWSLC_CC=gcc AWSLC_AR=ar AWSLC_TARGET_FLAGS=(-fPIC)
		case $(uname -m) in
		x86_64) AWSLC_ARCH=x86_64 AWSLC_BIGNUM_ARCH=x86_att ;;
		esac
		;;
	sel0)
		third_picolibc
		AWSLC_TARGET_FLAGS=("${SEL0_LIBRARY_FLAGS[@]}" -isystem
			"$STEP/usr/lib/picolibc/aarch64-linux-gnu/include")
		;;
	esac
	# Since 13 gcc would make vectors of pointers to functions that nobody calls, which the linker can't drop.
	if [ "$("$AWSLC_CC" -dumpversion | cut -d. -f1)" -ge 13 ]; then
		AWSLC_TARGET_FLAGS+=(-fno-tree-slp-vectorize)
	fi
	# The instructions for SHA-3 are used where the processor has them.
	if [ "$AWSLC_ARCH" = aarch64 ]; then
		AWSLC_TARGET_FLAGS+=(-DMY_ASSEMBLER_SUPPORTS_NEON_SHA3_EXTENSION)
	fi
	FROM=$source cache_step "awslc-$1" make_awslc "$source/.sums" "$("$AWSLC_CC" --version | head -n 1)" \
		"${AWSLC_SOURCES[@]}" "${AWSLC_BIGNUM[@]}" "${AWSLC_FLAGS[@]}" "${AWSLC_TARGET_FLAGS[@]}" \
		"$AWSLC_SCRATCH" "$(declare -f awslc_for_sel0 substitute make_awslc)" "$(declare -f unpack_source)"
}

# Mbed TLS for programs whose cryptography is in the partition, for this host: TLS, X.509 and what these
# need, as docs/psa-crypto.md says; include/ and lib/.
make_mbedtls_tls() {
	unpack_source tree
	cp -a tree/include include
	cp "$MBEDTLS_TLS_CONFIG" include/
	quietly "Mbed TLS for TLS: building" "$TSTEE_CACHE/log/mbedtls-tls" \
		make -C tree/library -j"$JOBS" CC=gcc AR=ar \
		CFLAGS="-I$PWD/include -ffile-prefix-map=$PWD/tree=mbedtls ${MBEDTLS_TLS_FLAGS[*]}" \
		libmbedtls.a libmbedx509.a libmbedcrypto.a
	mkdir lib
	cp tree/library/libmbed{tls,x509,crypto}.a lib/
	rm -rf tree
}

third_mbedtls_tls() {
	MBEDTLS_TLS_CONFIG=$THIRD_DIR/../../docs/examples/tls/tls_config.h
	MBEDTLS_TLS_FLAGS=(-O2 -g -fPIC -DMBEDTLS_CONFIG_FILE="'<tls_config.h>'")
	source_mbedtls
	FROM=$STEP cache_step mbedtls-tls make_mbedtls_tls "$STEP/.sums" "$MBEDTLS_TLS_CONFIG" \
		"$(gcc --version | head -n 1)" "${MBEDTLS_TLS_FLAGS[@]}" "$(declare -f unpack_source)"
}

# The files of Mbed TLS that protected storage is made of, in library/, and its headers: what a
# partition without vector registers builds with its own flags.
make_mbedtls_source() {
	mkdir library
	unpack_source tree
	cp -a tree/include include
	cp tree/library/*.h tree/library/{chacha20,chachapoly,constant_time,platform_util}.c \
		tree/library/{poly1305,sha256}.c library/
	rm -rf tree
}

third_mbedtls_source() {
	source_mbedtls
	FROM=$STEP cache_step mbedtls-source make_mbedtls_source "$STEP/.sums" \
		"$(declare -f unpack_source)"
}

# Mbed TLS's tests of its PSA core, as far as they don't depend on how it is configured:
# suites/*.c and *.datax, generated from its test cases; src/*.c and include/, the helpers; library/,
# the private headers that these include. Of the operation that a client holds only the handle
# is there, so a test that asks for its algorithm asks the variable that it was set up with.
make_mbedtls_tests() {
	local data suite framework=../framework
	unpack_source tree
	generate_suites() (
		cd tree/tests || exit
		for data in suites/test_suite_psa_crypto*.data; do
			suite=${data##*/}
			python3 -B "$framework/scripts/generate_test_code.py" -s suites -o ../../suites -d "$data" \
				-f "suites/${suite%%.*}.function" -t suites/main_test.function \
				-p suites/host_test.function --helpers-file suites/helpers.function || exit
		done
	)
	quietly "Mbed TLS: generating its tests" "$TSTEE_CACHE/log/mbedtls-tests" generate_suites
	sed -i 's/operation\.alg\b/PSA_ALG_AEAD_WITH_DEFAULT_LENGTH_TAG(alg)/g' suites/*.c
	mkdir src library
	cp -a tree/framework/tests/include include
	cp -a tree/tests/include/test/. include/test/
	cp tree/framework/tests/src/*.[ch] src/
	cp tree/library/*.h library/
	# What the core is built with; the one that it has for files is another.
	echo '#include <psa/internal_trusted_storage.h>' >library/psa_crypto_its.h
	rm -rf tree
}

third_mbedtls_tests() {
	source_mbedtls
	FROM=$STEP cache_step mbedtls-tests make_mbedtls_tests "$STEP/.sums" "$(declare -f unpack_source)"
}
