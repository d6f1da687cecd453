# SPDX-License-Identifier: BSD-3-Clause
SUMMARY = "Linux driver of secure partitions that speak Trusted Services RPC"
LICENSE = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://LICENSES/GPL-2.0-only.txt;md5=b234ee4d69f5fce4486a80fdaf4a4263"

# As in tstee's recipe.
TSTEE_SRC_URI ?= ""
SRC_URI = "${TSTEE_SRC_URI}"
S = "${UNPACKDIR}/tstee"

inherit module

# The kernel has CONFIG_TEE and CONFIG_ARM_FFA_TRANSPORT.
EXTRA_OEMAKE = "-C ${STAGING_KERNEL_DIR} M=${S}/driver"
MODULES_MODULE_SYMVERS_LOCATION = "driver"
KERNEL_MODULE_AUTOLOAD += "tstee"
