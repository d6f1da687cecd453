// SPDX-License-Identifier: BSD-3-Clause
/*
 * Known answers of the crypto service, byte for byte: each family of operations once with a
 * published vector, and the errors that existing clients rely on. Numbers are written out, not
 * taken from a header that the client and the service share.
 */
#include "crypto_wire.h"
#include "suites.h"

#include <stdio.h>
#include <string.h>
#include <unit/crypto_pkcs7.h>

/* Attributes of keys: type, bits, volatile without an ID; usage and algorithm follow. */
#define VOLATILE " 00000000 00000000 "
#define AES_128	 "00240000 80000000" VOLATILE
#define AES_256	 "00240000 00010000" VOLATILE
#define HMAC_160 "00110000 a0000000" VOLATILE
#define DERIVE	 "00120000 00000000" VOLATILE
#define P256	 "12710000 00010000" VOLATILE
#define RSA_1024 "01700000 00040000" VOLATILE

/* Usages. */
#define CRYPT	     " 00030000 "
#define SIGN_MESSAGE " 000c0000 "
#define SIGN_EXPORT  " 013c0000 "
#define DERIVATION   " 00400000 "
#define NONE	     " 00000000 "

/* Algorithms. */
#define SHA_256	    " 09000002 "
#define CTR	    " 0010c004 "
#define CMAC	    " 0002c003 "
#define HMAC	    " 09008003 "
#define HMAC_224_8  " 08008803 "
#define GCM	    " 00025005 "
#define CCM	    " 00015005 "
#define CCM_4	    " 00014405 "
#define HKDF	    " 09010008 "
#define ECDSA	    " 09070006 "
#define ECDH	    " 00000209 "
#define ECDH_HKDF   " 09010209 "
#define RSA_PKCS1   " 09020006 "
#define RSA_CRYPT   " 00020007 "
#define RSA_OAEP    " 09030007 "

#define ABC_SHA_256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* SP 800-38A, F.5.5. */
#define KEY_256 "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define COUNTER "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"

static void play_as_user(const struct exchange *script)
{
	struct tee_client client = crypto_connect(&tee_login_user);

	play(&client, script);
}

static void crypto_hash_in_parts_is_as_published(void)
{
	static const struct exchange script[] = {
		ANSWERS(0x0201, SHA_256, "h"),
		ANSWERS(0x0202, "h 0001 0001 'a'", NULL),
		ANSWERS(0x0206, "h", "i"),
		ANSWERS(0x0202, "h 0001 0002 'bc'", NULL),
		ANSWERS(0x0203, "h", "0001 0020" ABC_SHA_256),
		ANSWERS(0x0202, "i 0001 0002 'bc'", NULL),
		ANSWERS(0x0205, "i 0001 0020" ABC_SHA_256, NULL),
		/* Both are gone. Bytes behind a request are ignored; no record is an empty one. */
		FAILS(0x0203, "h", -137),
		FAILS(0x0202, "i 0001 0001 'a'", -137),
		ANSWERS(0x0204, "h", NULL),
		ANSWERS(0x0201, SHA_256 "'and more'", "h"),
		ANSWERS(0x0202, "h", NULL),
		ANSWERS(0x0203, "h",
			"0001 0020"
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
		{},
	};

	play_as_user(script);
}

static void crypto_hashes_of_abc_are_as_published(void)
{
	static const struct exchange script[] = {
		ANSWERS(0x8001, "03000002 03000000 'abc'",
			"10000000 900150983cd24fb0d6963f7d28e17f72"),
		ANSWERS(0x8001, "04000002 03000000 'abc'",
			"14000000 8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
		ANSWERS(0x8001, "05000002 03000000 'abc'",
			"14000000 a9993e364706816aba3e25717850c26c9cd0d89d"),
		ANSWERS(0x8001, "08000002 03000000 'abc'",
			"1c000000 23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
		ANSWERS(0x8001, "09000002 03000000 'abc'",
			"20000000 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
		ANSWERS(0x8001, "0a000002 03000000 'abc'",
			"30000000"
			"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
			"8086072ba1e7cc2358baeca134c825a7"),
		ANSWERS(0x8001, "0b000002 03000000 'abc'",
			"40000000"
			"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
			"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
		ANSWERS(0x8001, "11000002 03000000 'abc'",
			"20000000 3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
		ANSWERS(0x8002, SHA_256 "03000000 'abc' 20000000" ABC_SHA_256, NULL),
		FAILS(0x8002, SHA_256 "03000000 'abd' 20000000" ABC_SHA_256, -149),
		/* Bulk parts are all there, and nothing behind them. */
		REFUSED(0x8001, SHA_256 "04000000 'abc'", -EBADMSG),
		REFUSED(0x8001, SHA_256 "02000000 'abc'", -EBADMSG),
		REFUSED(0x8001, SHA_256, -EBADMSG),
		{},
	};

	play_as_user(script);
}

static void crypto_cipher_in_parts_is_as_published(void)
{
	static const struct exchange script[] = {
		ANSWERS(0x0107, AES_256 CRYPT CTR "0001 0020" KEY_256, "k"),
		ANSWERS(0x0301, "k" CTR, "h"),
		ANSWERS(0x0304, "h 0001 0010" COUNTER, NULL),
		ANSWERS(0x0305, "h 0001 0005 6bc1bee22e", "0001 0005 601ec31377"),
		ANSWERS(0x0305,
			"h 0001 001b 409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
			"0001 001b 5789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"),
		ANSWERS(0x0306, "h", "0001 0000"),
		ANSWERS(0x0302, "k" CTR, "h"),
		ANSWERS(0x0304, "h 0001 0010" COUNTER, NULL),
		ANSWERS(0x0305, "h 0001 0005 601ec31377", "0001 0005 6bc1bee22e"),
		ANSWERS(0x0307, "h", NULL),
		FAILS(0x0305, "h 0001 0001 00", -137),
		ANSWERS(0x0301, "k" CTR, "h"),
		ANSWERS(0x0303, "h", "0001 0010 ????????????????"),
		ANSWERS(0x0307, "h", NULL),
		{},
	};

	play_as_user(script);
}

static void crypto_cbc_keeps_a_block_until_it_is_finished(void)
{
	static const struct exchange script[] = {
		/* CBC with PKCS #7 padding, 0x04404100; F.2.5 and a block of padding. */
		ANSWERS(0x0107, AES_256 CRYPT "00414004 0001 0020" KEY_256, "k"),
		ANSWERS(0x0301, "k 00414004", "h"),
		ANSWERS(0x0304, "h 0001 0010 000102030405060708090a0b0c0d0e0f", NULL),
		ANSWERS(0x0305, "h 0001 0010 6bc1bee22e409f96e93d7e117393172a",
			"0001 0010 f58c4c04d6e5f1ba779eabfb5f7bfbd6"),
		ANSWERS(0x0306, "h", "0001 0010 485a5c81519cf378fa36d42b8547edc0"),
		ANSWERS(0x8006,
			"k 00414004 30000000 000102030405060708090a0b0c0d0e0f"
			"f58c4c04d6e5f1ba779eabfb5f7bfbd6 485a5c81519cf378fa36d42b8547edc0",
			"10000000 6bc1bee22e409f96e93d7e117393172a"),
		FAILS(0x8006,
		      "k 00414004 20000000 000102030405060708090a0b0c0d0e0f"
		      "f58c4c04d6e5f1ba779eabfb5f7bfbd6",
		      -150),
		ANSWERS(0x8005, "k 00414004 00000000", "20000000 ????????????????????????????????"),
		{},
	};

	play_as_user(script);
}

static void crypto_macs_are_as_published(void)
{
	static const struct exchange script[] = {
		/* SP 800-38B, D.3. */
		ANSWERS(0x0107, AES_256 SIGN_MESSAGE CMAC "0001 0020" KEY_256, "k"),
		ANSWERS(0x0501, "k" CMAC, "h"),
		ANSWERS(0x0503, "h 0001 0007 6bc1bee22e409f", NULL),
		ANSWERS(0x0503, "h 0001 0009 96e93d7e117393172a", NULL),
		ANSWERS(0x0504, "h", "0001 0010 28a7023f452e8f82bd4bf28d8c37c35c"),
		FAILS(0x0504, "h", -137),
		ANSWERS(0x0502, "k" CMAC, "h"),
		ANSWERS(0x0505, "h 0001 0010 028962f61b7bf89efc6b551f4667d983", NULL),
		/* RFC 4231, 4.2. */
		ANSWERS(0x0107,
			HMAC_160 SIGN_MESSAGE HMAC "0001 0014"
						   "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
			"k"),
		ANSWERS(0x0501, "k" HMAC, "h"),
		ANSWERS(0x0503, "h 0001 0008 'Hi There'", NULL),
		ANSWERS(0x0504, "h",
			"0001 0020"
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
		ANSWERS(0x8003, "k" HMAC "08000000 'Hi There'",
			"20000000"
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
		ANSWERS(0x8004,
			"k" HMAC "08000000 'Hi There' 20000000"
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
			NULL),
		FAILS(0x8004,
		      "k" HMAC "08000000 'Hi there' 20000000"
		      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
		      -149),
		ANSWERS(0x0107,
			HMAC_160 SIGN_MESSAGE HMAC_224_8 "0001 0014"
							 "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
			"k"),
		ANSWERS(0x0501, "k" HMAC_224_8, "h"),
		ANSWERS(0x0503, "h 0001 0008 'Hi There'", NULL),
		ANSWERS(0x0504, "h", "0001 0008 896fb1128abbdf19"),
		{},
	};

	play_as_user(script);
}

/* McGrew and Viega, test case 4. */
#define GCM_NONCE "cafebabefacedbaddecaf888"
#define GCM_AD	  "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define GCM_PLAIN                                                          \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" \
	"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define GCM_CIPHER                                                         \
	"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e" \
	"21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
#define GCM_TAG "5bc94fbc3221a5db94fae95ae7121a47"

static void crypto_gcm_is_as_published(void)
{
	static const struct exchange script[] = {
		ANSWERS(0x0107, AES_128 CRYPT GCM "0001 0010 feffe9928665731c6d6a8f9467308308",
			"k"),
		ANSWERS(0x0601, "k" GCM, "h"),
		ANSWERS(0x0604, "h 0001 000c" GCM_NONCE, NULL),
		ANSWERS(0x0606, "h 0001 0014" GCM_AD, NULL),
		ANSWERS(0x0607, "h 0001 003c" GCM_PLAIN, "0001 003c" GCM_CIPHER),
		ANSWERS(0x0608, "h", "0001 0000 0002 0010" GCM_TAG),
		FAILS(0x0608, "h", -137),
		ANSWERS(0x0602, "k" GCM, "h"),
		ANSWERS(0x0604, "h 0001 000c" GCM_NONCE, NULL),
		ANSWERS(0x0606, "h 0001 0014" GCM_AD, NULL),
		ANSWERS(0x0607, "h 0001 003c" GCM_CIPHER, "0001 003c" GCM_PLAIN),
		ANSWERS(0x0609, "h 0001 0010" GCM_TAG, "0001 0000"),
		ANSWERS(0x0601, "k" GCM, "h"),
		ANSWERS(0x0603, "h", "0001 000c ????????????"),
		ANSWERS(0x060a, "h", NULL),
		ANSWERS(0x8007, "k" GCM "0c000000" GCM_NONCE "14000000" GCM_AD "3c000000" GCM_PLAIN,
			"3c000000" GCM_CIPHER "10000000" GCM_TAG),
		ANSWERS(0x8008,
			"k" GCM "0c000000" GCM_NONCE "14000000" GCM_AD
			"4c000000" GCM_CIPHER GCM_TAG,
			"3c000000" GCM_PLAIN),
		FAILS(0x8008, "k" GCM "0c000000" GCM_NONCE "00000000 4c000000" GCM_CIPHER GCM_TAG,
		      -149),
		{},
	};

	play_as_user(script);
}

static void crypto_ccm_is_as_published(void)
{
	/* SP 800-38C, C.1. */
	static const struct exchange script[] = {
		ANSWERS(0x0107, AES_128 CRYPT CCM_4 "0001 0010 404142434445464748494a4b4c4d4e4f",
			"k"),
		ANSWERS(0x0601, "k" CCM_4, "h"),
		ANSWERS(0x0605, "h 08000000 04000000", NULL),
		ANSWERS(0x0604, "h 0001 0007 10111213141516", NULL),
		ANSWERS(0x0606, "h 0001 0008 0001020304050607", NULL),
		ANSWERS(0x0607, "h 0001 0004 20212223", "0001 0004 7162015b"),
		ANSWERS(0x0608, "h", "0001 0000 0002 0004 4dac255d"),
		{},
	};

	play_as_user(script);
}

/* RFC 5869, A.1. */
#define SALT "0202 0000 0001 000d 000102030405060708090a0b0c"
#define INFO "0302 0000 0001 000a f0f1f2f3f4f5f6f7f8f9"

static void crypto_key_derivation_is_as_published(void)
{
	static const struct exchange script[] = {
		ANSWERS(0x0107,
			DERIVE DERIVATION HKDF "0001 0016"
					       "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
			"k"),
		ANSWERS(0x0401, HKDF, "h"),
		ANSWERS(0x0402, "h", "e01f0000"),
		ANSWERS(0x0404, "h 02020000 0001 000d 000102030405060708090a0b0c", NULL),
		ANSWERS(0x0405, "h 01010000 k", NULL),
		ANSWERS(0x0404, "h 03020000 0001 000a f0f1f2f3f4f5f6f7f8f9", NULL),
		ANSWERS(0x0403, "h 2a000000", NULL),
		ANSWERS(0x0402, "h", "2a000000"),
		ANSWERS(0x0406, "h 10000000", "0001 0010 3cb25f25faacd57a90434f64d0362f2a"),
		/* The rest of it, as a key that can be looked at. */
		ANSWERS(0x0407, "h 01100000 d0000000" VOLATILE "01000000 00000000", "k"),
		ANSWERS(0x0105, "k",
			"0001 001a"
			"2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
		FAILS(0x0406, "h 01000000", -143),
		ANSWERS(0x0408, "h", NULL),
		FAILS(0x0402, "h", -137),
		{},
	};

	play_as_user(script);
}

/* RFC 6979, A.2.5. */
#define P256_PRIVATE "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define P256_PUBLIC                                                          \
	"0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" \
	"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define SAMPLE_HASH "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"
#define SIGNATURE                                                          \
	"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716" \
	"f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"

static void crypto_signatures_are_as_published(void)
{
	static const struct exchange script[] = {
		ANSWERS(0x0107, P256 SIGN_EXPORT ECDSA "0001 0020" P256_PRIVATE, "k"),
		ANSWERS(0x010f, "k", "12710000 00010000 00000000 k" SIGN_EXPORT ECDSA),
		ANSWERS(0x0105, "k", "0001 0020" P256_PRIVATE),
		ANSWERS(0x0106, "k", "0001 0041" P256_PUBLIC),
		ANSWERS(0x0108, "k" ECDSA "0001 0020" SAMPLE_HASH, "0001 0040" SIGNATURE),
		ANSWERS(0x0110, "k" ECDSA "0001 0006 'sample'", "0001 0040" SIGNATURE),
		ANSWERS(0x0109, "k" ECDSA "0001 0020" SAMPLE_HASH "0002 0040" SIGNATURE, NULL),
		ANSWERS(0x0111, "k" ECDSA "0001 0006 'sample' 0002 0040" SIGNATURE, NULL),
		FAILS(0x0111, "k" ECDSA "0001 0006 'sampel' 0002 0040" SIGNATURE, -149),
		FAILS(0x0109, "k" ECDSA "0001 0020" SAMPLE_HASH, -149),
		/* In parts, by TSTEE's own operations. */
		ANSWERS(0x8010, "k" ECDSA, "h"),
		ANSWERS(0x8012, "h 03000000 'sam'", NULL),
		ANSWERS(0x8012, "h 03000000 'ple'", NULL),
		ANSWERS(0x8013, "h", "40000000" SIGNATURE),
		ANSWERS(0x8011, "k" ECDSA, "h"),
		ANSWERS(0x8012, "h 06000000 'sample'", NULL),
		ANSWERS(0x8014, "h 40000000" SIGNATURE, NULL),
		ANSWERS(0x0102, "k", NULL),
		FAILS(0x0106, "k", -136),
		{},
	};

	play_as_user(script);
}

static void crypto_messages_of_any_length_are_signed(void)
{
	struct tee_client client = crypto_connect(&tee_login_user);
	static uint8_t message[4096];
	struct request request = { 0 };
	uint8_t signature[64];
	uint32_t key;

	put_attributes(&request, 0x7112, 256, 0, 0x3c00, 0x06000609);
	CHECK_EQUAL(ask(&client, 0x0101, &request), 0);
	key = answered_word(&client);

	request.len = 0;
	put_word(&request, key);
	put_word(&request, 0x06000609);
	put_record(&request, 1, message, sizeof(message));
	CHECK_EQUAL(ask(&client, 0x0110, &request), 0);
	memcpy(signature, client.buffer.data + 4, sizeof(signature));
	put_record(&request, 2, signature, sizeof(signature));
	CHECK_EQUAL(ask(&client, 0x0111, &request), 0);
	request.data[100] ^= 1;
	CHECK_EQUAL(ask(&client, 0x0111, &request), -149);
}

/* NIST, CAVS 14.1, ECC CDH primitive, P-256, count 0. */
#define ECDH_PRIVATE "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534"
#define ECDH_PEER                                                            \
	"04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287" \
	"db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac"

static void crypto_key_agreement_is_as_published(void)
{
	static const struct exchange script[] = {
		ANSWERS(0x0107, P256 DERIVATION ECDH "0001 0020" ECDH_PRIVATE, "k"),
		ANSWERS(0x040a, ECDH "k 0001 0041" ECDH_PEER,
			"0001 0020"
			"46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"),
		ANSWERS(0x0107, P256 DERIVATION ECDH_HKDF "0001 0020" ECDH_PRIVATE, "k"),
		ANSWERS(0x0401, ECDH_HKDF, "h"),
		ANSWERS(0x0404, "h 02020000 0001 000d 000102030405060708090a0b0c", NULL),
		ANSWERS(0x0409, "h 01010000 k 0001 0041" ECDH_PEER, NULL),
		ANSWERS(0x0404, "h 03020000 0001 000a f0f1f2f3f4f5f6f7f8f9", NULL),
		ANSWERS(0x0406, "h 20000000",
			"0001 0020"
			"f913772e8d564d012307543442ff84e6fe27687e7e6c86602365de74ecd7d414"),
		ANSWERS(0x0408, "h", NULL),
		{},
	};

	play_as_user(script);
}

/* A key of this test's own, and a signature that openssl made with it. */
#define RSA_KEY                                                                        \
	"3082025c02010002818100a957264214fbb080897b015f407f36f6d2422f564778e8cd552f1a" \
	"c80fbb3a7128223ec9186db5463ce05e7d0b506664dff3e7f34692f617377b676d7f0419da85" \
	"179be0cd27b98a8f69941a368d24326a47d54c838ab9bdbb79e75ff06d1ab20ae71ba52ffa5e" \
	"d6e7d71c704371dc0b110317a670c2c57b256a307def7377cd020301000102818038886eae4b" \
	"010798b1cd0dd535dc02867e0538766e5ff020749ac82f180962665a86ac3d48597fd61606b5" \
	"a4bb3d3921de1e3846603e39c7e06ee3458bccdbb02bb434acfdf9496fcfefd8ffc347b10295" \
	"12f936c509ca3c3672232130ffb1c7b2fab0c6197afc20c9bedb6efccfa72f99c8f35a938f95" \
	"a9fd0b4db8972dbd81024100dfa7b207b0aa605ee96aa32121e9935386bfb533991306d245ed" \
	"e7e07923eae67a8821e11ce3ddd72689701c52c89bf7fc8cb00525d84a94b9ad1ee6b1e8a46d" \
	"024100c1d494fdfefd268455e2915bf8c93127d48063492dab81a8e2c4db56bef73fc913133d" \
	"63069d2c0af443a1c09410dc34b8471ede6b0e511632c3abb0c2c644e1024100a8d4ae4f9fcc" \
	"fd72a8411763ab75e700e6775111e23bbaaa809f56aadcc7804afbb447dee7301c068dd0b210" \
	"af6d404fb31580ca62072445a0e44eaf571d870102404bb0afdddfcd0b5572145f9f02afce3a" \
	"37894b3c305160f88a554531c2b0da7fb2ab38b58ac7a583418f8782a44f512e6527a0ae4a2f" \
	"f50a2e18aadb03b45901024012bb3bfa244cf09d5fe0300566473a4c86a742c0d765acdfd8cf" \
	"fae8dd2a8e0fe05785bc6d6b520e80d89064ada7b0cfc0805d418ff564c79681cd6ec6271c7a"
#define RSA_SIGNATURE                                                                  \
	"50202bcb073cfd25e0eeeb962e694d76054b68512d97a3b84449bb07c1ff72d1e08afc9e41df" \
	"df5dc1b2cffbe6b82cc72330d4260876ba858237a233996225dd6e7db85f1b395dbed97cae14" \
	"2940be6c45b7d2941208ce667f147da895e895ac4e951676f5d596e8d70d7be6cbb8ebe98cc8" \
	"d5e6d3c81fa27045ff6326fbf4be"

static void crypto_rsa_signs_as_openssl_and_decrypts_what_it_encrypts(void)
{
	static const struct exchange script[] = {
		ANSWERS(0x0107, RSA_1024 SIGN_EXPORT RSA_PKCS1 "0001 0260" RSA_KEY, "k"),
		ANSWERS(0x0110, "k" RSA_PKCS1 "0001 0006 'sample'", "0001 0080" RSA_SIGNATURE),
		ANSWERS(0x0109, "k" RSA_PKCS1 "0001 0020" SAMPLE_HASH "0002 0080" RSA_SIGNATURE,
			NULL),
		FAILS(0x010b, "k" RSA_CRYPT "0001 0001 'x'", -133),
		{},
	};
	static const uint32_t algs[] = { 0x07000200, 0x07000309 };
	struct tee_client client = crypto_connect(&tee_login_user);
	struct request request;
	uint8_t ciphertext[128];
	uint32_t key;

	play(&client, script);
	for (size_t i = 0; i < 2; i++) {
		struct exchange import[] = {
			ANSWERS(0x0107,
				i ? RSA_1024 CRYPT RSA_OAEP "0001 0260" RSA_KEY :
				    RSA_1024 CRYPT RSA_CRYPT "0001 0260" RSA_KEY,
				"k"),
			{},
		};

		play(&client, import);
		key = answered_word(&client);
		request.len = 0;
		put_word(&request, key);
		put_word(&request, algs[i]);
		put_record(&request, 1, "secret", 6);
		if (i)
			put_record(&request, 2, "salt", 4);
		CHECK_EQUAL(ask(&client, 0x010b, &request), 0);
		CHECK(!memcmp(client.buffer.data, "\0\1\0\x80", 4));
		memcpy(ciphertext, client.buffer.data + 4, sizeof(ciphertext));

		request.len = 0;
		put_word(&request, key);
		put_word(&request, algs[i]);
		put_record(&request, 1, ciphertext, sizeof(ciphertext));
		if (i)
			put_record(&request, 2, "salt", 4);
		CHECK_EQUAL(ask(&client, 0x010a, &request), 0);
		CHECK(!memcmp(client.buffer.data, "\0\1\0\6secret", 10));
	}
}

/* SHA-256 of the signed message, and of the certificate's common name and signed part. */
#define PKCS7_HASH	  "0659a5bb8ea0422fce52c7aa211105989fc9c419af27e37c27b0f0845b95b208"
#define PKCS7_FINGERPRINT "26519c9e084941aad72d17e5449f9f03d943efb1f9b274459e245ed103df434b"

static void crypto_pkcs7_signature_is_verified_and_has_a_fingerprint(void)
{
	static char signature[16 + 2 * sizeof(pkcs7)], request[sizeof(signature) + 128];
	static const struct exchange fingerprint[] = {
		ANSWERS(0x0113, signature,
			"0001 0040" PKCS7_FINGERPRINT
			"0000000000000000000000000000000000000000000000000000000000000000"),
		FAILS(0x0113, "", 33),
		FAILS(0x0113, "0001 0004 'junk'", 33),
		{},
	};
	static const char *const hashes[] = { "0002 0020" PKCS7_HASH, "0002 0020" ABC_SHA_256 };
	static const int32_t statuses[] = { 0, -17280 };
	struct tee_client client = crypto_connect(&tee_login_user);
	size_t len;

	len = (size_t)sprintf(signature, "0001 %04zx", sizeof(pkcs7));
	for (size_t i = 0; i < sizeof(pkcs7); i++)
		len += (size_t)sprintf(signature + len, "%02x", pkcs7[i]);
	for (size_t i = 0; i < 2; i++) {
		const struct exchange verify[] = {
			{ 0x0112, request, NULL, statuses[i], 0 },
			{},
		};

		sprintf(request, "%s %s 0003 0000", signature, hashes[i]);
		play(&client, verify);
	}
	play(&client, fingerprint);
}

static void crypto_key_is_copied_within_its_policy(void)
{
	static const struct exchange script[] = {
		/* Raw data, 0x1001, that may be exported and copied. */
		ANSWERS(0x0107, "01100000 20000000" VOLATILE "03000000 00000000 0001 0004 'data'",
			"k"),
		ANSWERS(0x010d, "k 01100000 20000000" VOLATILE "02000000 00000000", "l"),
		FAILS(0x0105, "l", -133),
		ANSWERS(0x0105, "k", "0001 0004 'data'"),
		ANSWERS(0x010d, "k 00000000 00000000" VOLATILE "01000000 00000000", "l"),
		ANSWERS(0x0105, "l", "0001 0004 'data'"),
		FAILS(0x010d, "l 00000000 00000000" VOLATILE "01000000 00000000", -133),
		FAILS(0x010d, "k 01110000 20000000" VOLATILE "01000000 00000000", -135),
		ANSWERS(0x0102, "k", NULL),
		FAILS(0x010d, "k 00000000 00000000" VOLATILE "01000000 00000000", -136),
		{},
	};

	play_as_user(script);
}

static void crypto_unknown_opcodes_are_refused_as_such(void)
{
	static const struct exchange script[] = {
		REFUSED(0x0100, "", -EOPNOTSUPP),
		REFUSED(0x0103, "00000000", -EOPNOTSUPP),
		REFUSED(0x0104, "", -EOPNOTSUPP),
		REFUSED(0x0207, "00000000", -EOPNOTSUPP),
		REFUSED(0x0308, "", -EOPNOTSUPP),
		REFUSED(0x040b, "00000000", -EOPNOTSUPP),
		REFUSED(0x0507, "", -EOPNOTSUPP),
		REFUSED(0x060b, "00000000", -EOPNOTSUPP),
		REFUSED(0x0700, "", -EOPNOTSUPP),
		REFUSED(0x8000, "00000000", -EOPNOTSUPP),
		REFUSED(0x80ff, "", -EOPNOTSUPP),
		REFUSED(0xffff, "00000000", -EOPNOTSUPP),
		{},
	};

	play_as_user(script);
}

static void crypto_short_and_broken_requests_are_malformed(void)
{
	static const struct exchange script[] = {
		REFUSED(0x0101, AES_128 "00000000 000000", -EBADMSG),
		REFUSED(0x0102, "010000", -EBADMSG),
		REFUSED(0x0107, AES_128, -EBADMSG),
		REFUSED(0x0108, "01000000 000000", -EBADMSG),
		REFUSED(0x010c, "", -EBADMSG),
		REFUSED(0x010d, "01000000" AES_128 "00000000", -EBADMSG),
		REFUSED(0x0201, "090000", -EBADMSG),
		REFUSED(0x0203, "", -EBADMSG),
		REFUSED(0x0301, "01000000", -EBADMSG),
		REFUSED(0x0405, "01000000 01010000", -EBADMSG),
		REFUSED(0x0605, "01000000 01000000 000000", -EBADMSG),
		/* A record that says it is longer than the request, and half a header. */
		REFUSED(0x0202, "01000000 0001 0005 'abcd'", -EBADMSG),
		REFUSED(0x0202, "01000000 0001 00", -EBADMSG),
		REFUSED(0x0202, "01000000 0001 ffff", -EBADMSG),
		{},
	};

	play_as_user(script);
}

static void crypto_unknown_handles_are_a_bad_state(void)
{
	static const struct exchange script[] = {
		FAILS(0x0202, "ffffffff 0001 0000", -137),
		FAILS(0x0203, "00000000", -137),
		FAILS(0x0205, "ffffffff 0001 0000", -137),
		FAILS(0x0206, "ffffffff", -137),
		FAILS(0x0303, "ffffffff", -137),
		FAILS(0x0304, "ffffffff 0001 0000", -137),
		FAILS(0x0305, "ffffffff 0001 0000", -137),
		FAILS(0x0306, "ffffffff", -137),
		FAILS(0x0402, "ffffffff", -137),
		FAILS(0x0403, "ffffffff 00000000", -137),
		FAILS(0x0404, "ffffffff 01010000 0001 0000", -137),
		FAILS(0x0405, "ffffffff 01010000 00000000", -136),
		FAILS(0x0405, "ffffffff 01010000 01000000", -137),
		FAILS(0x0406, "ffffffff 01000000", -137),
		FAILS(0x0407, "ffffffff" AES_128 "00000000 00000000", -137),
		FAILS(0x0409, "ffffffff 01010000 01000000 0001 0000", -137),
		FAILS(0x0503, "ffffffff 0001 0000", -137),
		FAILS(0x0504, "ffffffff", -137),
		FAILS(0x0505, "ffffffff 0001 0000", -137),
		FAILS(0x0603, "ffffffff", -137),
		FAILS(0x0604, "ffffffff 0001 0000", -137),
		FAILS(0x0605, "ffffffff 00000000 00000000", -137),
		FAILS(0x0606, "ffffffff 0001 0000", -137),
		FAILS(0x0607, "ffffffff 0001 0000", -137),
		FAILS(0x0608, "ffffffff", -137),
		FAILS(0x0609, "ffffffff 0001 0000", -137),
		/* One that isn't there has been aborted. */
		ANSWERS(0x0204, "ffffffff", NULL),
		ANSWERS(0x0307, "ffffffff", NULL),
		ANSWERS(0x0408, "ffffffff", NULL),
		ANSWERS(0x0506, "ffffffff", NULL),
		ANSWERS(0x060a, "ffffffff", NULL),
		/* One of another family isn't there. */
		ANSWERS(0x0201, SHA_256, "h"),
		FAILS(0x0305, "h 0001 0000", -137),
		ANSWERS(0x0506, "h", NULL),
		ANSWERS(0x0203, "h", "0001 0020 ????????????????????????????????"),
		{},
	};

	play_as_user(script);
}

static void crypto_failed_finish_keeps_the_operation_until_its_abort(void)
{
	static const struct exchange script[] = {
		ANSWERS(0x0201, SHA_256, "h"),
		FAILS(0x0205, "h 0001 0001 00", -149),
		FAILS(0x0203, "h", -137),
		ANSWERS(0x0204, "h", NULL),
		ANSWERS(0x0107,
			AES_128 SIGN_MESSAGE CMAC "0001 0010 404142434445464748494a4b4c4d4e4f",
			"k"),
		ANSWERS(0x0502, "k" CMAC, "h"),
		FAILS(0x0505, "h 0001 0010 00000000000000000000000000000000", -149),
		ANSWERS(0x0506, "h", NULL),
		{},
	};

	play_as_user(script);
}

static void crypto_algorithms_that_fit_nothing_get_the_known_statuses(void)
{
	static const struct exchange script[] = {
		FAILS(0x0201, "ffffff02", -134),
		FAILS(0x0201, CTR, -135),
		FAILS(0x0201, NONE, -135),
		ANSWERS(0x0107, AES_128 CRYPT CTR "0001 0010 404142434445464748494a4b4c4d4e4f",
			"k"),
		FAILS(0x0301, "k" CMAC, -135),
		FAILS(0x0301, "k" NONE, -135),
		FAILS(0x0301, "k" ECDSA, -135),
		FAILS(0x0301, "ffffff5f" CTR, -136),
		FAILS(0x0501, "k" CMAC, -133),
		FAILS(0x0601, "k" CTR, -135),
		/* With keys of just that algorithm: a tag of no bytes, and CCM of DES. */
		ANSWERS(0x0107, AES_128 CRYPT "00014005 0001 0010 404142434445464748494a4b4c4d4e4f",
			"l"),
		FAILS(0x0601, "l 00014005", -135),
		ANSWERS(0x0107, "01230000 40000000" VOLATILE CRYPT CCM "0001 0008 0123456789abcdef",
			"l"),
		FAILS(0x0601, "l" CCM, -134),
		ANSWERS(0x0107,
			HMAC_160 SIGN_MESSAGE HMAC "0001 0014"
						   "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
			"k"),
		FAILS(0x0301, "k" CTR, -133),
		FAILS(0x0401, "ffffff0b", -135),
		FAILS(0x0401, "ffffffff", -135),
		FAILS(0x0401, "00010209", -134),
		FAILS(0x0101, "12710000 00010000 01000000 00000000" SIGN_EXPORT ECDSA, -135),
		{},
	};
	/* MACs of no hash, and of a length that is none or too long. */
	static const struct {
		const char *alg;
		int32_t status;
	} macs[] = {
		{ "00008003", -134 },
		{ "09008103", -134 },
		{ "0900a103", -135 },
	};
	struct tee_client client = crypto_connect(&tee_login_user);

	play(&client, script);
	for (size_t i = 0; i < sizeof(macs) / sizeof(macs[0]); i++) {
		char import[160], setup[16];
		const struct exchange exchanges[] = {
			ANSWERS(0x0107, import, "k"),
			FAILS(0x0501, setup, macs[i].status),
			{},
		};

		snprintf(import, sizeof(import), "%s%s%s 0001 0014 'twenty bytes for key'",
			 HMAC_160, SIGN_MESSAGE, macs[i].alg);
		snprintf(setup, sizeof(setup), "k %s", macs[i].alg);
		play(&client, exchanges);
	}
}

static void crypto_random_bytes_have_the_length_asked_for(void)
{
	static const struct exchange script[] = {
		ANSWERS(0x010c, "00000000", "0001 0000"),
		ANSWERS(0x010c, "01000000", "0001 0001 ?"),
		{},
	};
	struct tee_client client = crypto_connect(&tee_login_user);
	uint8_t first[64];
	struct reply reply;
	uint32_t size;

	play(&client, script);
	CHECK_EQUAL(ask_word(&client, 0x010c, sizeof(first)), 0);
	memcpy(first, client.buffer.data + 4, sizeof(first));
	CHECK_EQUAL(ask_word(&client, 0x010c, sizeof(first)), 0);
	CHECK(memcmp(first, client.buffer.data + 4, sizeof(first)));

	/* As many as the buffer takes beside the record's header; not one more. */
	size = (uint32_t)client.buffer.len - 4;
	reply = crypto_send(&client, 0x010c, &size, sizeof(size));
	CHECK(!reply.rc && !reply.status);
	CHECK_EQUAL(reply.len, client.buffer.len);
	size++;
	CHECK_EQUAL(crypto_send(&client, 0x010c, &size, sizeof(size)).rc, -ENOBUFS);
	size = UINT32_MAX;
	CHECK_EQUAL(crypto_send(&client, 0x010c, &size, sizeof(size)).rc, -ENOBUFS);
}

#define MEBIBYTE (1u << 20)

static void crypto_one_call_hashes_a_mebibyte(void)
{
	static const uint8_t wanted[] = { 0xc5, 0xa2, 0x1e, 0x51, 0xdf, 0x64, 0x9a, 0x4d,
					  0xac, 0x04, 0x8e, 0x94, 0x7d, 0x52, 0xab, 0x11,
					  0x64, 0x61, 0x69, 0x32, 0x73, 0x2d, 0x12, 0x2c,
					  0x8f, 0xc7, 0x5e, 0x59, 0x55, 0xf0, 0xb5, 0x89 };
	struct tee_client client = crypto_connect(&tee_login_user);
	uint8_t *data;
	uint64_t got;
	int32_t status;

	tee_buffer_free(&client.buffer);
	CHECK_EQUAL(tee_buffer_alloc(client.fd, MEBIBYTE + 4096, &client.buffer), 0);
	data = client.buffer.data;
	memcpy(data, "\x09\0\0\2\0\0\x10\0", 8);
	for (size_t i = 0; i < MEBIBYTE; i++)
		data[8 + i] = (uint8_t)(i * 131 + (i >> 8));
	CHECK_EQUAL(tee_invoke(client.fd, client.session, 0x8001, (uint64_t)client.buffer.id,
			       8 + MEBIBYTE, &got, &status),
		    0);
	CHECK_EQUAL(status, 0);
	CHECK_EQUAL(got, 4 + sizeof(wanted));
	CHECK(!memcmp(data, "\x20\0\0\0", 4));
	CHECK(!memcmp(data + 4, wanted, sizeof(wanted)));
}

const struct test crypto_tests[] = {
	TEST(crypto_hash_in_parts_is_as_published),
	TEST(crypto_hashes_of_abc_are_as_published),
	TEST(crypto_cipher_in_parts_is_as_published),
	TEST(crypto_cbc_keeps_a_block_until_it_is_finished),
	TEST(crypto_macs_are_as_published),
	TEST(crypto_gcm_is_as_published),
	TEST(crypto_ccm_is_as_published),
	TEST(crypto_key_derivation_is_as_published),
	TEST(crypto_signatures_are_as_published),
	TEST(crypto_messages_of_any_length_are_signed),
	TEST(crypto_key_agreement_is_as_published),
	TEST(crypto_rsa_signs_as_openssl_and_decrypts_what_it_encrypts),
	TEST(crypto_pkcs7_signature_is_verified_and_has_a_fingerprint),
	TEST(crypto_key_is_copied_within_its_policy),
	TEST(crypto_unknown_opcodes_are_refused_as_such),
	TEST(crypto_short_and_broken_requests_are_malformed),
	TEST(crypto_unknown_handles_are_a_bad_state),
	TEST(crypto_failed_finish_keeps_the_operation_until_its_abort),
	TEST(crypto_algorithms_that_fit_nothing_get_the_known_statuses),
	TEST(crypto_random_bytes_have_the_length_asked_for),
	TEST(crypto_one_call_hashes_a_mebibyte),
	{},
};
