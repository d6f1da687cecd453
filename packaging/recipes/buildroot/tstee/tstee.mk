# SPDX-License-Identifier: BSD-3-Clause
#
# TSTEE_SITE, and folders with the sources of Mbed TLS 3.6 and QCBOR 1 in TSTEE_MBEDTLS_SOURCE and
# TSTEE_QCBOR_SOURCE, are set by whoever includes this.

TSTEE_VERSION = 0.1.0
TSTEE_SITE_METHOD ?= local
TSTEE_LICENSE = BSD-3-Clause, GPL-2.0-only (driver), Apache-2.0 or GPL-2.0+ (headers of Mbed TLS)
TSTEE_LICENSE_FILES = LICENSES/BSD-3-Clause.txt LICENSES/GPL-2.0-only.txt
TSTEE_INSTALL_STAGING = YES
TSTEE_DEPENDENCIES = host-pkgconf openssl jansson p11-kit
TSTEE_CONF_OPTS = -Dworld=false -Dtests=none \
	-Dmbedtls=$(TSTEE_MBEDTLS_SOURCE) -Dqcbor=$(TSTEE_QCBOR_SOURCE)
TSTEE_MODULE_SUBDIRS = driver

# Who may use /dev/teeN.
define TSTEE_USERS
	- - tee -1 * - - - Clients of secure partitions
endef

$(eval $(kernel-module))
$(eval $(meson-package))
