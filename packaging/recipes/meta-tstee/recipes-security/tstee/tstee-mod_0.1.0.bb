# SPDX-License-Identifier: BSD-3-Clause
SUMMARY = "Linux driver of secure partitions that speak Trusted Services RPC"
LICENSE = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/GPL-2.0-only;md5=801f80980d171dd6425610833a22dbe6"

TSTEE_SRC_URI ?= ""
SRC_URI = "${TSTEE_SRC_URI}"
S = "${WORKDIR}/tstee"

inherit module

# The kernel has CONFIG_TEE and CONFIG_ARM_FFA_TRANSPORT.
EXTRA_OEMAKE = "-C ${STAGING_KERNEL_DIR} M=${S}/driver"
MODULES_MODULE_SYMVERS_LOCATION = "driver"
KERNEL_MODULE_AUTOLOAD += "tstee"
