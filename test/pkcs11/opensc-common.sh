# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034 # for those who source it
#
# What OpenSC's test-pkcs11-tool-*.sh source, with this module in place of SoftHSM's: how a token is
# begun and ended, and its keys. The world's token is new for each script.

PIN=123456
SOPIN=12345678
P11LIB=$MODULE
PKCS11_TOOL=pkcs11-tool
ERRORS=0

assert() {
	[ "$1" = 0 ] && return
	echo "ERROR: $2"
	ERRORS=1
}

# TYPE ID LABEL: a key pair, and its public key in ID.pub.
generate_key() {
	"$PKCS11_TOOL" --module "$P11LIB" --login --pin "$PIN" --keypairgen --key-type "$1" --id "$2" --label "$3" &&
		"$PKCS11_TOOL" --module "$P11LIB" --read-object --type pubkey --id "$2" --output-file "$2.der" &&
		openssl pkey -pubin -inform DER -in "$2.der" -pubout -out "$2.pub"
	assert $? "no key $1"
}

card_setup() {
	generate_key RSA:1024 01 RSA_auth
	generate_key RSA:2048 02 RSA2048
	generate_key EC:secp256r1 03 ECC_auth
	generate_key EC:secp521r1 04 ECC521
	"$PKCS11_TOOL" --module "$P11LIB" --login --pin "$PIN" --keygen --key-type GENERIC:64 --label HMAC
	assert $? "no key for HMAC"
}

softhsm_initialize() { :; }
softhsm_cleanup() { :; }
card_cleanup() { :; }

# An AES key from a file: softhsm2-util --import FILE --aes --token T --pin P --label L --id I
softhsm2-util() {
	"$PKCS11_TOOL" --module "$P11LIB" --login --pin "$PIN" --write-object "$2" --type secrkey --key-type AES: \
		--label "$9" --id "${11}"
}
