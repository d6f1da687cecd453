# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# What the setup.sh of pkcs11-provider's tests sources about a token, this module's: one more token in the
# place of Kryoptic's, for which most of its tests are. $MODULE is the module, $TSTEE_WORLD the world.

title SECTION "TSTEE"

export P11LIB=$MODULE
TOKENLABEL="TSTEE user $(id -u)"
export TOKENLABEL TOKENLABELURI=${TOKENLABEL// /%20}
# Tests are run by a shell of their own.
export TOKENCONFIGVARS="export MODULE=$MODULE TSTEE_WORLD=$TSTEE_WORLD"
export TESTPORT=34000

export SUPPORT_ED25519=1 SUPPORT_ED448=0 SUPPORT_X25519=1 SUPPORT_X448=1 SUPPORT_ALLOWED_MECHANISMS=1
export SUPPORT_SYMMETRIC=1 SUPPORT_ML_DSA=0 SUPPORT_ML_KEM=0 SUPPORT_EDDSA_PARAMS=0 SUPPORT_TLSFUZZER=0

# There is nobody to be asked for each signature, so the module makes no key that is to ask; nor, as PSA,
# one of RSA whose length isn't in bytes.
pkcs11-tool() {
	local arg args=()
	for arg; do
		case $arg in
		--always-auth) ;;
		--key-type=RSA:3092) args+=(--key-type=RSA:3072) ;;
		*) args+=("$arg") ;;
		esac
	done
	command pkcs11-tool "${args[@]}"
}
