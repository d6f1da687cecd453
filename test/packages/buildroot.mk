# SPDX-License-Identifier: BSD-3-Clause
#
# A stand-in for buildroot's infrastructure of packages, for recipes.sh: what it does with a package
# that is built by Meson and has a module of the kernel. D is the package's source, CROSS a cross file.

.DEFAULT_GOAL := tstee
TSTEE_SITE := $(CURDIR)
TSTEE_MBEDTLS_SOURCE := $(MBEDTLS)
TSTEE_QCBOR_SOURCE := $(QCBOR)
NINJA = ninja -C $(D)/build

KBUILD = $(MAKE) -C $(LINUX_DIR) ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- INSTALL_MOD_PATH=$(TARGET_DIR) DEPMOD=true
KBUILD_build = modules
KBUILD_install = modules_install

define kernel-module
build-modules install-modules: %-modules:
	set -e; for folder in $$(TSTEE_MODULE_SUBDIRS); do \
		$$(KBUILD) PWD=$(D)/$$$$folder M=$(D)/$$$$folder $$(KBUILD_$$*); \
	done
endef

define meson-package
tstee:
	rm -rf $(D)/build
	meson setup --prefix=/usr --libdir=lib --default-library=shared --buildtype=release --cross-file=$(CROSS) \
		-Db_pie=false -Dstrip=false $$(TSTEE_CONF_OPTS) $(D) $(D)/build
	$$(NINJA)
	$$(MAKE) -f test/packages/buildroot.mk build-modules
	[ "$$(TSTEE_INSTALL_STAGING)" != YES ] || DESTDIR=$(STAGING_DIR) $$(NINJA) install
	DESTDIR=$(TARGET_DIR) $$(NINJA) install
	$$(MAKE) -f test/packages/buildroot.mk install-modules
	cd $(D) && ls $$(TSTEE_LICENSE_FILES)
	echo "$$(strip $$(TSTEE_USERS))" >$(TARGET_DIR)/users
	echo "$$(TSTEE_DEPENDENCIES)" >$(TARGET_DIR)/dependencies
endef

include packaging/recipes/buildroot/tstee/tstee.mk
