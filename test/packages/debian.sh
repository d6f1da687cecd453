# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# The packages in build/deb, as lintian and clean Debian systems see them. Sourced by ./run.

# shellcheck source-path=SCRIPTDIR source=root.sh
. test/packages/root.sh

DEBS=build/deb
PROGRAM_PACKAGES='libtstee0 libtstee-dev tstee tsworld tstee-pkcs11'
HERE_ARCH=$(dpkg --print-architecture)

# deb NAME [ARCHITECTURE]: the file of a package.
deb() {
	ls "$DEBS/$1"_*_"${2:-$HERE_ARCH}".deb
}

MAINTAINER='Tester of Packages <tester@lists.debian.org>'

build_packages() {
	DEBFULLNAME=${MAINTAINER% <*} DEBEMAIL=$(sed 's/.*<\(.*\)>/\1/' <<<"$MAINTAINER") packaging/deb && ls "$DEBS"/tstee-{dkms,partitions}_*_all.deb &&
		for name in $PROGRAM_PACKAGES; do
			deb "$name" amd64 && deb "$name" arm64 || return
		done
}

# Whatever is left to be said is information.
lintian_is_content() {
	lintian --allow-root --fail-on error,warning "$DEBS"/*.changes
}

architecture_is_right() {
	local name
	for name in $PROGRAM_PACKAGES; do
		rm -rf "$WORK/content"
		dpkg -x "$(deb "$name" arm64)" "$WORK/content" || return
		! find "$WORK/content" -type f -exec file {} + | grep ELF | grep -v aarch64 || return
	done
	dpkg-deb -f "$(deb tsworld arm64)" Depends | grep -q 'libseccomp2 (>= ' &&
		dpkg-deb -f "$(deb tstee arm64)" Depends | grep -q 'libc6 (>= '
}

maintainer_is_named() {
	local file
	for file in "$DEBS"/*.deb; do
		[ "$(dpkg-deb -f "$file" Maintainer)" = "$MAINTAINER" ] || return
	done
	! grep -h '^\(Maintainer\|Changed-By\):' "$DEBS"/*.changes | grep -vF "$MAINTAINER"
}

# It must hold what OP-TEE's build is given by the machine's own.
kit_is_complete() {
	rm -rf "$WORK/kit"
	dpkg -x "$DEBS"/tstee-partitions_*_all.deb "$WORK/kit" || return
	local kit=$WORK/kit/usr/lib/tstee-partitions/qemu path count=0
	for path in $(printf 'include %s/sp.mk\nall:\n\t@echo $(SP_PATHS)\n' "$kit" | make -s -f -); do
		[ -f "$path" ] && [ -f "$kit/manifest/$(basename "$path" .stripped.elf).dtb" ] || return
		count=$((count + 1))
	done
	[ "$count" -eq 3 ]
}

install_debs() {
	cp "$DEBS"/{libtstee0,libtstee-dev,tstee,tsworld,tstee-pkcs11}_*_"$HERE_ARCH".deb "$ROOT/root/" &&
		in_root sh -c 'dpkg -i /root/*.deb'
}

add_users() {
	in_root sh -c 'useradd -m alice && useradd -m bob'
}

# From the package to the first signature.
sign_as_user() {
	in_root_as alice tsworld run -- sh -c \
		'cd && tstee key generate web && echo hello >m && tstee sign web m --output s && tstee verify web m --signature s'
}

# What was signed before is verified with the key that is still there.
verify_as_user() {
	in_root_as alice sh -c "cd && tsworld run -- tstee verify web m --signature s"
}

compile_as_user() {
	cp docs/examples/sign.c "$ROOT/home/alice/" &&
		in_root_as alice sh -c 'cd && cc sign.c $(pkg-config --cflags --libs tstee) -o sign && tsworld run -- ./sign hello'
}

# Two users of one world, that of the system, as the unit starts it, without systemd.
system_world() {
	# shellcheck disable=SC2016 # the root's shell expands it
	in_root sh -c '
		set -e
		grep -q ^tee: /etc/group
		usermod -aG tee alice
		mkdir -p /run/tstee
		STATE_DIRECTORY=/var/lib/tsworld tsworld serve --daemonize --socket /run/tstee/world --socket-mode 0660
		chgrp tee /run/tstee/world
		export TSTEE_WORLD=/run/tstee/world
		setpriv --reuid=alice --regid=alice --init-groups tstee list
		! setpriv --reuid=bob --regid=bob --init-groups tstee list
		STATE_DIRECTORY= tsworld stop --state /var/lib/tsworld
		rm -r /run/tstee'
}

files_are_as_packaged() {
	in_root dpkg -V $PROGRAM_PACKAGES | tee "$WORK/verified" && [ ! -s "$WORK/verified" ]
}

# A package of a higher version, with the same content.
upgrade() {
	local name
	rm -rf "$WORK/upgrade"
	for name in $PROGRAM_PACKAGES; do
		mkdir -p "$WORK/upgrade/$name"
		dpkg-deb -R "$(deb "$name")" "$WORK/upgrade/$name" &&
			sed -i 's/^Version: .*/Version: 0.2.0/; s/(= 0\.1\.0)/(= 0.2.0)/' "$WORK/upgrade/$name/DEBIAN/control" &&
			dpkg-deb --root-owner-group -b "$WORK/upgrade/$name" "$ROOT/root/$name-new.deb" || return
	done
	in_root sh -c 'dpkg -i /root/*-new.deb' && verify_as_user
}

units_are_right() {
	in_root systemd-analyze verify --man=no /lib/systemd/system/tsworld.socket /lib/systemd/system/tsworld.service &&
		[ -L "$ROOT/etc/systemd/system/sockets.target.wants/tsworld.socket" ]
}

# What users keep stays; the system's world goes with its package.
purge() {
	local left
	in_root sh -c 'dpkg --purge tstee-pkcs11 tsworld tstee libtstee-dev libtstee0' || return
	left=$(find "$ROOT" -xdev -newer "$ROOT/usr/sbin/policy-rc.d" \( -name '*tstee*' -o -name '*tsworld*' \) \
		-not -path "$ROOT/root/*" -not -path "$ROOT/home/*" -not -path "$ROOT/proc/*")
	[ -z "$left" ] || {
		echo "left behind: $left"
		return 1
	}
	[ -d "$ROOT/home/alice/.local/state/tstee" ]
}

stage_packages() {
	check "packages are built for amd64 and arm64" build_packages
	check "lintian has neither errors nor warnings" lintian_is_content
	check "packages are whose DEBFULLNAME and DEBEMAIL say" maintainer_is_named
	check "arm64's packages are arm64's" architecture_is_right
	check "the kit of partitions is complete" kit_is_complete
}

stage_debian() {
	local suite
	root_only || return 0
	for suite in bookworm trixie; do
		check "$suite: a clean root" fresh_root "$suite"
		ROOT=$WORK/root-$suite
		check "$suite: packages are installed" install_debs
		check "$suite: files are as packaged" files_are_as_packaged
		check "$suite: users are added" add_users
		check "$suite: a user signs" sign_as_user
		check "$suite: a user compiles a client" compile_as_user
		check "$suite: group tee has the system's world" system_world
		check "$suite: units are right" units_are_right
		check "$suite: an upgrade keeps what was there" upgrade
		check "$suite: a purge leaves nothing but what users have" purge
		rm -rf "$ROOT"
	done
}
