# SPDX-License-Identifier: BSD-3-Clause
SUMMARY = "PSA services in secure partitions: library, command line, PKCS#11 module"
# The second is that of Mbed TLS, some of whose headers libtstee has.
LICENSE = "BSD-3-Clause & (Apache-2.0 | GPL-2.0-or-later)"
LIC_FILES_CHKSUM = "file://LICENSES/BSD-3-Clause.txt;md5=2d95e0ed1ea04aafa65d7f48517a0de0"

# Where this tree is, and the source of QCBOR 1: set both in the distribution's configuration, so that
# they are unpacked into folders tstee and qcbor (destsuffix=tstee, subdir=qcbor).
TSTEE_SRC_URI ?= ""
TSTEE_QCBOR_URI ?= ""
SRC_URI = "${TSTEE_SRC_URI} ${TSTEE_QCBOR_URI}"
S = "${UNPACKDIR}/tstee"

DEPENDS = "mbedtls openssl jansson p11-kit"

inherit meson pkgconfig useradd

# Of Mbed TLS 3.6 only the headers are used.
EXTRA_OEMESON = " \
    -Dworld=false -Dtests=none \
    -Dmbedtls=${STAGING_DIR_HOST}${prefix} \
    -Dqcbor=${UNPACKDIR}/qcbor \
"

# Who may use /dev/teeN.
USERADD_PACKAGES = "${PN}"
GROUPADD_PARAM:${PN} = "--system tee"

PACKAGES =+ "lib${PN} ${PN}-pkcs11"
FILES:lib${PN} = "${libdir}/libtstee.so.*"
FILES:${PN}-pkcs11 = "${libdir}/pkcs11/*.so ${datadir}/p11-kit"
FILES:${PN} += "${nonarch_libdir}/udev ${nonarch_libdir}/sysusers.d ${datadir}/zsh ${datadir}/fish ${datadir}/bash-completion"
