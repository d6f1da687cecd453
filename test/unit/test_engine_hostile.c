// SPDX-License-Identifier: BSD-3-Clause
/*
 * What hostile clients send to each family, and what must come of it: with the engine, and with the PSA
 * core's own code, which has to say the same; and with that alone in a build without an engine.
 */
#include "crypto_fixture.h"
#include <mbedtls/asn1.h>
#include <mbedtls/bignum.h>
#include <secure/engine/engine.h>
#include <secure/service/crypto/internal.h>
#include <stdio.h>
#include <string.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

#define USAGE_ALL                                                                                \
	(PSA_KEY_USAGE_ENCRYPT | PSA_KEY_USAGE_DECRYPT | PSA_KEY_USAGE_SIGN_HASH |               \
	 PSA_KEY_USAGE_VERIFY_HASH | PSA_KEY_USAGE_SIGN_MESSAGE | PSA_KEY_USAGE_VERIFY_MESSAGE | \
	 PSA_KEY_USAGE_DERIVE | PSA_KEY_USAGE_EXPORT)

#ifndef TSTEE_ENGINE
#define engine_leave(everything) ((void)(everything))
#endif

/* How many of the curves: those that are the core's alone are tried once. */
static size_t curve_count;

static int begin(void **state, bool own, size_t count)
{
	crypto_setup_without_storage(state);
	engine_leave(own);
	curve_count = count;
	return 0;
}

static psa_status_t try_import(psa_key_type_t type, psa_algorithm_t alg, const uint8_t *data,
			       size_t len, mbedtls_svc_key_id_t *key)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

	psa_set_key_type(&attributes, type);
	psa_set_key_algorithm(&attributes, alg);
	psa_set_key_usage_flags(&attributes, USAGE_ALL);
	return psa_import_key(&attributes, data, len, key);
}

static mbedtls_svc_key_id_t import_key(psa_key_type_t type, psa_algorithm_t alg,
				       const uint8_t *data, size_t len)
{
	mbedtls_svc_key_id_t key = MBEDTLS_SVC_KEY_ID_INIT;

	assert_int_equal(try_import(type, alg, data, len, &key), PSA_SUCCESS);
	return key;
}

/* As the service does it. */
static psa_status_t verify(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
			   size_t hash_len, const uint8_t *signature, size_t len)
{
	return crypto_correct_verify(psa_verify_hash, key, alg, hash, hash_len, len,
				     psa_verify_hash(key, alg, hash, hash_len, signature, len));
}

static size_t from_hex(const char *hex, uint8_t *bytes)
{
	size_t len = 0;

	for (; hex[2 * len]; len++) {
		unsigned int value;

		assert_int_equal(sscanf(hex + 2 * len, "%2x", &value), 1);
		bytes[len] = (uint8_t)value;
	}
	return len;
}

/* clang-format off */
/* Of each curve: its prime, its order, and a private key; those of RFC 6979, A.2.5 to A.2.7, and others. */
static const struct curve {
	psa_ecc_family_t family;
	size_t bits;
	const char *prime, *order, *private;
} curves[] = {
	{ PSA_ECC_FAMILY_SECP_R1, 256,
	  "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
	  "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
	  "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721" },
	{ PSA_ECC_FAMILY_SECP_R1, 384,
	  "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff00000000"
	  "00000000ffffffff",
	  "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77a"
	  "ecec196accc52973",
	  "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825"
	  "f872c9ea60d2edf5" },
	{ PSA_ECC_FAMILY_SECP_R1, 521,
	  "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	  "ffffffffffffffffffffffffffffffffffffffffffffffffffff",
	  "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f"
	  "966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
	  "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c"
	  "70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538" },
	{ PSA_ECC_FAMILY_SECP_R1, 224,
	  "ffffffffffffffffffffffffffffffff000000000000000000000001",
	  "ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d",
	  "f220266e1105bfe3083e03ec7a3a654651f45e37167e88600bf257c1" },
	{ PSA_ECC_FAMILY_SECP_K1, 256,
	  "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
	  "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
	  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
	{ PSA_ECC_FAMILY_BRAINPOOL_P_R1, 256,
	  "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
	  "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
	  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
	{ PSA_ECC_FAMILY_BRAINPOOL_P_R1, 384,
	  "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71"
	  "874700133107ec53",
	  "8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc310"
	  "3b883202e9046565",
	  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	  "0123456789abcdef" },
	{ PSA_ECC_FAMILY_BRAINPOOL_P_R1, 512,
	  "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca703308717d4d9b009bc66842"
	  "aecda12ae6a380e62881ff2f2d82c68528aa6056583a48f3",
	  "aadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619"
	  "418661197fac10471db1d381085ddaddb58796829ca90069",
	  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	  "0123456789abcdef0123456789abcdef0123456789abcdef" },
};

#define ENGINE_CURVES 3u

/* RFC 6979, A.2.5 to A.2.7: r and s. */
static const struct vector {
	size_t bits;
	psa_algorithm_t hash;
	const char *message, *signature;
} vectors[] = {
	{ 256, PSA_ALG_SHA_1, "sample",
	  "61340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d326d7f147dac089441"
	  "bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb" },
	{ 256, PSA_ALG_SHA_224, "sample",
	  "53b2fff5d1752b2c689df257c04c40a587fababb3f6fc2702f1343af7ca9aa3fb9afb64fdc03dc1a"
	  "131c7d2386d11e349f070aa432a4acc918bea988bf75c74c" },
	{ 256, PSA_ALG_SHA_256, "sample",
	  "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41"
	  "d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8" },
	{ 256, PSA_ALG_SHA_384, "sample",
	  "0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef77194861f0491e6998b9"
	  "455193e34e7b0d284ddd7149a74b95b9261f13abde940954" },
	{ 256, PSA_ALG_SHA_512, "sample",
	  "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f002362ab1adbe2b8ad"
	  "f9cb9edab740ea6049c028114f2460f96554f61fae3302fe" },
	{ 256, PSA_ALG_SHA_1, "test",
	  "0cbcc86fd6abd1d99e703e1ec50069ee5c0b4ba4b9ac60e409e8ec5910d81a8901b9d7b73dfaa60d"
	  "5651ec4591a0136f87653e0fd780c3b1bc872ffdeae479b1" },
	{ 256, PSA_ALG_SHA_224, "test",
	  "c37edb6f0ae79d47c3c27e962fa269bb4f441770357e114ee511f662ec34a692c820053a05791e52"
	  "1fcaad6042d40aea1d6b1a540138558f47d0719800e18f2d" },
	{ 256, PSA_ALG_SHA_256, "test",
	  "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14"
	  "bd25926b49c649155f267e60d3814b4c0cc84250e46f0083" },
	{ 256, PSA_ALG_SHA_384, "test",
	  "83910e8b48bb0c74244ebdf7f07a1c5413d61472bd941ef3920e623fbccebeb68ddbec54cf8cd587"
	  "4883841d712142a56a8d0f218f5003cb0296b6b509619f2c" },
	{ 256, PSA_ALG_SHA_512, "test",
	  "461d93f31b6540894788fd206c07cfa0cc35f46fa3c91816fff1040ad1581a0439af9f15de0db8d9"
	  "7e72719c74820d304ce5226e32dedae67519e840d1194e55" },
	{ 384, PSA_ALG_SHA_1, "sample",
	  "ec748d839243d6fbef4fc5c4859a7dffd7f3abddf72014540c16d73309834fa37b9ba002899f6fda"
	  "3a4a9386790d4eb2a3bcfa947beef4732bf247ac17f71676cb31a847b9ff0cbc9c9ed4c1a5b3facf"
	  "26f49ca031d4857570ccb5ca4424a443" },
	{ 384, PSA_ALG_SHA_224, "sample",
	  "42356e76b55a6d9b4631c865445dbe54e056d3b3431766d0509244793c3f9366450f76ee3de43f5a"
	  "125333a6be0601229da0c81787064021e78df658f2fbb0b042bf304665db721f077a4298b095e483"
	  "4c082c03d83028efbf93a3c23940ca8d" },
	{ 384, PSA_ALG_SHA_256, "sample",
	  "21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d9"
	  "2fa2b3c36d8fb2cdf3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feeb"
	  "efdc63eccd1ac42ec0cb8668a4fa0ab0" },
	{ 384, PSA_ALG_SHA_384, "sample",
	  "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf9"
	  "6e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
	  "a329c145786e679e7b82c71a38628ac8" },
	{ 384, PSA_ALG_SHA_512, "sample",
	  "ed0959d5880ab2d869ae7f6c2915c6d60f96507f9cb3e047c0046861da4a799cfe30f35cc900056d"
	  "7c99cd7882433709512c8cceee3890a84058ce1e22dbc2198f42323ce8aca9135329f03c068e5112"
	  "dc7cc3ef3446defceb01a45c2667fdd5" },
	{ 384, PSA_ALG_SHA_1, "test",
	  "4bc35d3a50ef4e30576f58cd96ce6bf638025ee624004a1f7789a8b8e43d0678acd9d29876daf466"
	  "38645f7f404b11c7d5a6326c494ed3ff614703878961c0fde7b2c278f9a65fd8c4b7186201a29916"
	  "95ba1c84541327e966fa7b50f7382282" },
	{ 384, PSA_ALG_SHA_224, "test",
	  "e8c9d0b6ea72a0e7837fea1d14a1a9557f29faa45d3e7ee888fc5bf954b5e62464a9a817c47ff78b"
	  "8c11066b24080e7207041d4a7a0379ac7232ff72e6f77b6ddb8f09b16cce0ec3286b2bd43fa8c614"
	  "1c53ea5abef0d8231077a04540a96b66" },
	{ 384, PSA_ALG_SHA_256, "test",
	  "6d6defac9ab64dabafe36c6bf510352a4cc27001263638e5b16d9bb51d451559f918eedaf2293be5"
	  "b475cc8f0188636b2d46f3becbcc523d5f1a1256bf0c9b024d879ba9e838144c8ba6baeb4b53b47d"
	  "51ab373f9845c0514eefb14024787265" },
	{ 384, PSA_ALG_SHA_384, "test",
	  "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0812998da"
	  "8f1dd3ca3cf023dbddd0760448d42d8a43af45af836fce4de8be06b485e9b61b827c2f13173923e0"
	  "6a739f040649a667bf3b828246baa5a5" },
	{ 384, PSA_ALG_SHA_512, "test",
	  "a0d5d090c9980faf3c2ce57b7ae951d31977dd11c775d314af55f76c676447d06fb6495cd21b4b6e"
	  "340fc236584fb277976984e59b4c77b0e8e4460dca3d9f20e07b9bb1f63beefaf576f6b2e8b22463"
	  "4a2092cd3792e0159ad9cee37659c736" },
	{ 521, PSA_ALG_SHA_1, "sample",
	  "00343b6ec45728975ea5cba6659bbb6062a5ff89eea58be3c80b619f322c87910fe092f7d45bb0f8"
	  "eee01ed3f20babec079d202ae677b243ab40b5431d497c55d75d00e7b0e675a9b24413d448b8cc11"
	  "9d2bf7b2d2df032741c096634d6d65d0dbe3d5694625fb9e8104d3b842c1b0e2d0b98bea19341e86"
	  "76aef66ae4eba3d5475d5d16" },
	{ 521, PSA_ALG_SHA_224, "sample",
	  "01776331cfcdf927d666e032e00cf776187bc9fdd8e69d0dabb4109ffe1b5e2a30715f4cc923a4a5"
	  "e94d2503e9acfed92857b7f31d7152e0f8c00c15ff3d87e2ed2e0050cb5265417fe2320bbb5a122b"
	  "8e1a32bd699089851128e360e620a30c7e17ba41a666af126ce100e5799b153b60528d5300d08489"
	  "ca9178fb610a2006c254b41f" },
	{ 521, PSA_ALG_SHA_256, "sample",
	  "01511bb4d675114fe266fc4372b87682baecc01d3cc62cf2303c92b3526012659d16876e25c7c1e5"
	  "7648f23b73564d67f61c6f14d527d54972810421e7d87589e1a7004a171143a83163d6df460aaf61"
	  "522695f207a58b95c0644d87e52aa1a347916e4f7a72930b1bc06dbe22ce3f58264afd23704cbb63"
	  "b29b931f7de6c9d949a7ecfc" },
	{ 521, PSA_ALG_SHA_384, "sample",
	  "01ea842a0e17d2de4f92c15315c63ddf72685c18195c2bb95e572b9c5136ca4b4b576ad712a52be9"
	  "730627d16054ba40cc0b8d3ff035b12ae75168397f5d50c6745101f21a3cee066e1961025fb048bd"
	  "5fe2b7924d0cd797babe0a83b66f1e35eeaf5fde143fa85dc394a7dee766523393784484bdf3e001"
	  "14a1c857cde1aa203db65d61" },
	{ 521, PSA_ALG_SHA_512, "sample",
	  "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5"
	  "d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5064806c467f678d3"
	  "b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1"
	  "dccc43997f1ee0e44da4a67a" },
	{ 521, PSA_ALG_SHA_1, "test",
	  "013bad9f29abe20de37ebeb823c252ca0f63361284015a3bf430a46aaa80b87b0693f0694bd88afe"
	  "4e661fc33b094cd3b7963bed5a727ed8bd6a3a202abe009d036701e9bb81ff7944ca409ad138dbbe"
	  "e228e1afcc0c890fc78ec8604639cb0dbdc90f717a99ead9d272855d00162ee9527567dd6a92cbd6"
	  "29805c0445282bbc916797ff" },
	{ 521, PSA_ALG_SHA_224, "test",
	  "01c7ed902e123e6815546065a2c4af977b22aa8eaddb68b2c1110e7ea44d42086bfe4a34b67ddc0e"
	  "17e96536e358219b23a706c6a6e16ba77b65e1c595d43cae17fb0177336676304fcb343ce028b38e"
	  "7b4fba76c1c1b277da18cad2a8478b2a9a9f5bec0f3ba04f35db3e4263569ec6aade8c92746e4c82"
	  "f8299ae1b8f1739f8fd519a4" },
	{ 521, PSA_ALG_SHA_256, "test",
	  "000e871c4a14f993c6c7369501900c4bc1e9c7b0b4ba44e04868b30b41d8071042eb28c4c250411d"
	  "0ce08cd197e4188ea4876f279f90b3d8d74a3c76e6f1e4656aa800cd52dbaa33b063c3a6cd8058a1"
	  "fb0a46a4754b034fcc644766ca14da8ca5ca9fde00e88c1ad60ccba759025299079d7a427ec3cc5b"
	  "619bfbc828e7769bcd694e86" },
	{ 521, PSA_ALG_SHA_384, "test",
	  "014bee21a18b6d8b3c93fab08d43e739707953244fdbe924fa926d76669e7ac8c89df62ed8975c2d"
	  "8397a65a49dcc09f6b0ac62272741924d479354d74ff6075578c0133330865c067a0eaf72362a65e"
	  "2d7bc4e461e8c8995c3b6226a21bd1aa78f0ed94fe536a0dca35534f0cd1510c41525d163fe9d74d"
	  "134881e35141ed5e8e95b979" },
	{ 521, PSA_ALG_SHA_512, "test",
	  "013e99020abf5cee7525d16b69b229652ab6bdf2affcaef38773b4b7d08725f10cdb93482fdcc54e"
	  "dcee91eca4166b2a7c6265ef0ce2bd7051b7cef945babd47ee6d01fbd0013c674aa79cb398495279"
	  "16ce301c66ea7ce8b80682786ad60f98f7e78a19ca69eff5c57400e3b3a0ad66ce0978214d13baf4"
	  "e9ac60752f7b155e2de4dce3" },
};
/* clang-format on */

#define POINT_MAX     133u
#define SIGNATURE_MAX 132u

#ifdef TSTEE_ENGINE
static int with_engine(void **state)
{
	return begin(state, false, ENGINE_CURVES);
}
#endif

static int with_own_code(void **state)
{
	return begin(state, true, COUNT_OF(curves));
}

static mbedtls_svc_key_id_t curve_key(const struct curve *curve, psa_algorithm_t alg)
{
	uint8_t private[66];

	return import_key(PSA_KEY_TYPE_ECC_KEY_PAIR(curve->family), alg, private,
			  from_hex(curve->private, private));
}

static void deterministic_signatures_are_those_of_rfc_6979(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		const struct vector *vector = &vectors[i];
		const psa_algorithm_t alg = PSA_ALG_DETERMINISTIC_ECDSA(vector->hash);
		uint8_t hash[64], signature[SIGNATURE_MAX], expected[SIGNATURE_MAX];
		const size_t expected_len = from_hex(vector->signature, expected);
		mbedtls_svc_key_id_t key = { 0 };
		size_t len;

		for (size_t c = 0; c < ENGINE_CURVES; c++) {
			if (curves[c].bits == vector->bits)
				key = curve_key(&curves[c], alg);
		}
		assert_int_equal(psa_hash_compute(vector->hash, (const uint8_t *)vector->message,
						  strlen(vector->message), hash, sizeof(hash),
						  &len),
				 PSA_SUCCESS);
		assert_int_equal(verify(key, alg, hash, len, expected, expected_len), PSA_SUCCESS);
		assert_int_equal(
			psa_sign_hash(key, alg, hash, len, signature, sizeof(signature), &len),
			PSA_SUCCESS);
		assert_int_equal(len, expected_len);
		assert_memory_equal(signature, expected, len);
		psa_destroy_key(key);
	}
}

/* @number = (@number + @value) as bytes, or with a sign: minus. Cut to @len. */
static void add(uint8_t *number, const uint8_t *value, size_t len)
{
	unsigned int carry = 0;

	for (size_t i = len; i-- > 0;) {
		carry += number[i] + value[i];
		number[i] = (uint8_t)carry;
		carry >>= 8;
	}
}

static void subtract_from(const uint8_t *value, uint8_t *number, size_t len)
{
	int borrow = 0;

	for (size_t i = len; i-- > 0;) {
		const int byte = value[i] - number[i] - borrow;

		number[i] = (uint8_t)byte;
		borrow = byte < 0;
	}
}

static void signatures_of_ecdsa_with_odd_numbers_are_invalid(void **state)
{
	const psa_algorithm_t alg = PSA_ALG_ECDSA(PSA_ALG_SHA_256);
	const uint8_t hash[32] = { 1, 2, 3 }, zero_hash[32] = { 0 };

	(void)state;
	for (size_t c = 0; c < curve_count; c++) {
		const mbedtls_svc_key_id_t key = curve_key(&curves[c], alg);
		uint8_t numbers[8][66] = { 0 }, good[SIGNATURE_MAX + 2], bad[SIGNATURE_MAX + 2];
		const size_t n = from_hex(curves[c].order, numbers[0]);
		size_t len;

		/* n, p, 0, 1, n + 1, all ones, n - 1, 2: none of a signature that anybody made. */
		from_hex(curves[c].prime, numbers[1]);
		numbers[3][n - 1] = 1;
		memcpy(numbers[4], numbers[0], n);
		add(numbers[4], numbers[3], n);
		memset(numbers[5], 0xff, n);
		memcpy(numbers[6], numbers[3], n);
		subtract_from(numbers[0], numbers[6], n);
		numbers[7][n - 1] = 2;

		assert_int_equal(psa_sign_hash(key, alg, hash, 32, good, sizeof(good), &len),
				 PSA_SUCCESS);
		assert_int_equal(verify(key, alg, hash, 32, good, len), PSA_SUCCESS);
		for (size_t r = 0; r < COUNT_OF(numbers); r++) {
			memcpy(bad, good, len);
			memcpy(bad, numbers[r], n);
			assert_int_equal(verify(key, alg, hash, 32, bad, len),
					 PSA_ERROR_INVALID_SIGNATURE);
			memcpy(bad, good, n);
			memcpy(bad + n, numbers[r], n);
			assert_int_equal(verify(key, alg, hash, 32, bad, len),
					 PSA_ERROR_INVALID_SIGNATURE);
			for (size_t s = 0; s < COUNT_OF(numbers); s++) {
				memcpy(bad, numbers[r], n);
				memcpy(bad + n, numbers[s], n);
				assert_int_equal(verify(key, alg, zero_hash, 32, bad, len),
						 PSA_ERROR_INVALID_SIGNATURE);
			}
		}
		/* The same numbers beyond the order, and below zero: not twice the same signature. */
		for (size_t half = 0; half < 2; half++) {
			memcpy(bad, good, len);
			add(bad + half * n, numbers[0], n);
			assert_int_equal(verify(key, alg, hash, 32, bad, len),
					 PSA_ERROR_INVALID_SIGNATURE);
			memcpy(bad, good, len);
			subtract_from(numbers[2], bad + half * n, n);
			assert_int_equal(verify(key, alg, hash, 32, bad, len),
					 PSA_ERROR_INVALID_SIGNATURE);
		}
		/* n - s is the other signature of the same, by the standard. */
		memcpy(bad, good, len);
		subtract_from(numbers[0], bad + n, n);
		assert_int_equal(verify(key, alg, hash, 32, bad, len), PSA_SUCCESS);
		memcpy(bad, good, len);
		subtract_from(numbers[0], bad, n);
		assert_int_equal(verify(key, alg, hash, 32, bad, len), PSA_ERROR_INVALID_SIGNATURE);

		for (size_t cut = 0; cut < len + 3; cut++) {
			memcpy(bad, good, len);
			bad[len] = bad[len + 1] = 0;
			if (cut != len)
				assert_int_equal(verify(key, alg, hash, 32, bad, cut),
						 PSA_ERROR_INVALID_SIGNATURE);
		}
		for (size_t bit = 0; bit < 8 * len; bit += 5) {
			memcpy(bad, good, len);
			bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(verify(key, alg, hash, 32, bad, len),
					 PSA_ERROR_INVALID_SIGNATURE);
		}
		psa_destroy_key(key);
	}
}

static void expect_no_point(const struct curve *curve, mbedtls_svc_key_id_t key,
			    const uint8_t *point, size_t len)
{
	mbedtls_svc_key_id_t imported = MBEDTLS_SVC_KEY_ID_INIT;
	uint8_t secret[66];
	size_t secret_len;

	/* Of another length it may be another curve's, which nobody wants. */
	assert_int_not_equal(try_import(PSA_KEY_TYPE_ECC_PUBLIC_KEY(curve->family), PSA_ALG_ECDH,
					point, len, &imported),
			     PSA_SUCCESS);
	assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, point, len, secret,
					       sizeof(secret), &secret_len),
			 PSA_ERROR_INVALID_ARGUMENT);
}

static void points_that_are_not_on_the_curve_are_refused(void **state)
{
	(void)state;
	for (size_t c = 0; c < curve_count; c++) {
		const mbedtls_svc_key_id_t key = curve_key(&curves[c], PSA_ALG_ECDH);
		uint8_t good[POINT_MAX], bad[POINT_MAX + 1] = { 0 }, prime[66];
		const size_t n = from_hex(curves[c].prime, prime);
		size_t len;

		assert_int_equal(psa_export_public_key(key, good, sizeof(good), &len), PSA_SUCCESS);
		assert_int_equal(len, 1 + 2 * n);
		/* Infinity, in each form. */
		expect_no_point(&curves[c], key, bad, 1);
		expect_no_point(&curves[c], key, bad, len);
		bad[0] = 4;
		expect_no_point(&curves[c], key, bad, len);
		/* Compressed, hybrid, and what isn't any form. */
		for (unsigned int form = 0; form < 256; form++) {
			memcpy(bad, good, len);
			bad[0] = (uint8_t)form;
			if (form != 4)
				expect_no_point(&curves[c], key, bad, len);
			if (form == 2 || form == 3)
				expect_no_point(&curves[c], key, bad, 1 + n);
		}
		for (size_t bit = 8; bit < 8 * len; bit += 11) {
			memcpy(bad, good, len);
			bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
			expect_no_point(&curves[c], key, bad, len);
		}
		/* The right numbers, but not reduced; p - y is a point. */
		for (size_t half = 0; half < 2; half++) {
			memcpy(bad, good, len);
			add(bad + 1 + half * n, prime, n);
			expect_no_point(&curves[c], key, bad, len);
			memcpy(bad, good, len);
			memcpy(bad + 1 + half * n, prime, n);
			expect_no_point(&curves[c], key, bad, len);
		}
		for (size_t cut = 0; cut < len; cut += 1 + len / 9)
			expect_no_point(&curves[c], key, good, cut);
		memcpy(bad, good, len);
		bad[len] = 0;
		expect_no_point(&curves[c], key, bad, len + 1);
		psa_destroy_key(key);
	}
}

static void private_keys_outside_of_the_order_are_refused(void **state)
{
	(void)state;
	for (size_t c = 0; c < curve_count; c++) {
		uint8_t number[66] = { 0 }, one[66] = { 0 }, public[2][POINT_MAX];
		const psa_key_type_t pair = PSA_KEY_TYPE_ECC_KEY_PAIR(curves[c].family);
		mbedtls_svc_key_id_t key = MBEDTLS_SVC_KEY_ID_INIT;
		const size_t n = from_hex(curves[c].order, number);
		uint8_t order[66], prime[66];
		size_t len;

		memcpy(order, number, n);
		one[n - 1] = 1;
		assert_int_equal(try_import(pair, PSA_ALG_ECDH, order, n, &key),
				 PSA_ERROR_INVALID_ARGUMENT);
		add(number, one, n);
		assert_int_equal(try_import(pair, PSA_ALG_ECDH, number, n, &key),
				 PSA_ERROR_INVALID_ARGUMENT);
		memset(number, 0, n);
		assert_int_equal(try_import(pair, PSA_ALG_ECDH, number, n, &key),
				 PSA_ERROR_INVALID_ARGUMENT);
		memset(number, 0xff, n);
		assert_int_equal(try_import(pair, PSA_ALG_ECDH, number, n, &key),
				 PSA_ERROR_INVALID_ARGUMENT);
		/* The ends of what there is: one, and minus one, have the same x. */
		memcpy(number, one, n);
		subtract_from(order, number, n);
		key = import_key(pair, PSA_ALG_ECDH, number, n);
		assert_int_equal(psa_export_public_key(key, public[0], POINT_MAX, &len),
				 PSA_SUCCESS);
		psa_destroy_key(key);
		key = import_key(pair, PSA_ALG_ECDH, one, n);
		assert_int_equal(psa_export_public_key(key, public[1], POINT_MAX, &len),
				 PSA_SUCCESS);
		psa_destroy_key(key);
		assert_memory_equal(public[0], public[1], 1 + n);
		from_hex(curves[c].prime, prime);
		subtract_from(prime, public[0] + 1 + n, n);
		assert_memory_equal(public[0] + 1 + n, public[1] + 1 + n, n);
	}
}

#define MONTGOMERY_PAIR PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY)

static void points_of_low_order_are_refused_on_curve25519(void **state)
{
	/* RFC 7748, 6.1: those whose secret is zero; all of them, reduced or not. */
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	uint8_t private[32], point[32], secret[32];
	mbedtls_svc_key_id_t key;
	size_t len;

	(void)state;
	memset(private, 0x5a, sizeof(private));
	key = import_key(MONTGOMERY_PAIR, PSA_ALG_ECDH, private, sizeof(private));
	for (size_t i = 0; i < 2 * COUNT_OF(points); i++) {
		from_hex(points[i / 2], point);
		/* The last bit is ignored. */
		point[31] |= (uint8_t)(i % 2 ? 0x80 : 0);
		assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, point, sizeof(point),
						       secret, sizeof(secret), &len),
				 PSA_ERROR_INVALID_ARGUMENT);
	}
	for (size_t cut = 0; cut < 32; cut++)
		assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, private, cut, secret,
						       sizeof(secret), &len),
				 PSA_ERROR_INVALID_ARGUMENT);
	psa_destroy_key(key);
}

static void numbers_beyond_the_prime_are_reduced_on_curve25519(void **state)
{
	uint8_t private[32], point[32] = { 9 }, public[32], secret[32];
	mbedtls_svc_key_id_t key;
	size_t len;

	(void)state;
	memset(private, 0x5a, sizeof(private));
	key = import_key(MONTGOMERY_PAIR, PSA_ALG_ECDH, private, sizeof(private));
	assert_int_equal(psa_export_public_key(key, public, sizeof(public), &len), PSA_SUCCESS);
	for (unsigned int i = 0; i < 4; i++) {
		/* RFC 7748, 5: the base point, or that and the prime; the last bit is ignored. */
		memset(point, i & 1 ? 0xff : 0, sizeof(point));
		point[0] = i & 1 ? 0xed + 9 : 9;
		point[31] = (uint8_t)((i & 1 ? 0x7f : 0) | (i & 2 ? 0x80 : 0));
		assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, point, sizeof(point),
						       secret, sizeof(secret), &len),
				 PSA_SUCCESS);
		assert_memory_equal(secret, public, sizeof(secret));
	}
	psa_destroy_key(key);
}

/* RFC 7748, 6.2: the same of curve448, where no bit is ignored. */
static void points_of_low_order_are_refused_on_curve448(void **state)
{
	uint8_t private[56], prime[56], points[6][56] = { 0 }, public[56], secret[56];
	mbedtls_svc_key_id_t key;
	size_t len;

	(void)state;
	memset(prime, 0xff, sizeof(prime));
	prime[28] = 0xfe;
	/* 0, 1, p - 1, p, p + 1, and as a point that is none of these: p + 5. */
	points[1][0] = 1;
	memcpy(points[2], prime, sizeof(prime));
	points[2][0] = 0xfe;
	memcpy(points[3], prime, sizeof(prime));
	memset(points[4] + 28, 0xff, 28);
	memset(points[5] + 28, 0xff, 28);
	points[5][0] = 4;

	memset(private, 0x5a, sizeof(private));
	key = import_key(MONTGOMERY_PAIR, PSA_ALG_ECDH, private, sizeof(private));
	assert_int_equal(psa_export_public_key(key, public, sizeof(public), &len), PSA_SUCCESS);
	for (size_t i = 0; i < COUNT_OF(points); i++) {
		assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, points[i], 56, secret,
						       sizeof(secret), &len),
				 i < 5 ? PSA_ERROR_INVALID_ARGUMENT : PSA_SUCCESS);
		if (i == 5)
			assert_memory_equal(secret, public, sizeof(secret));
	}
	for (size_t cut = 0; cut < 56; cut++)
		assert_int_equal(psa_raw_key_agreement(PSA_ALG_ECDH, key, private, cut, secret,
						       sizeof(secret), &len),
				 PSA_ERROR_INVALID_ARGUMENT);
	psa_destroy_key(key);
}

#define RSA_BITS 1024u
#define RSA_LEN	 (RSA_BITS / 8)

/* One key for all: the search takes long. */
static uint8_t rsa_pair[700];
static size_t rsa_pair_len;

static mbedtls_svc_key_id_t rsa_key(psa_algorithm_t alg)
{
	if (!rsa_pair_len) {
		psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
		mbedtls_svc_key_id_t key;

		psa_set_key_type(&attributes, PSA_KEY_TYPE_RSA_KEY_PAIR);
		psa_set_key_bits(&attributes, RSA_BITS);
		psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_EXPORT);
		assert_int_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
		assert_int_equal(psa_export_key(key, rsa_pair, sizeof(rsa_pair), &rsa_pair_len),
				 PSA_SUCCESS);
		psa_destroy_key(key);
	}
	return import_key(PSA_KEY_TYPE_RSA_KEY_PAIR, alg, rsa_pair, rsa_pair_len);
}

enum exponent { MODULUS, PUBLIC, PRIVATE };

/* @block to one of the key's exponents, modulo the modulus; or just the modulus. */
static void rsa_raise(enum exponent exponent, const uint8_t *block, uint8_t *out)
{
	unsigned char *at = rsa_pair;
	const unsigned char *const end = at + rsa_pair_len;
	mbedtls_mpi numbers[3], x;
	size_t len;
	int version;

	assert_int_equal(mbedtls_asn1_get_tag(&at, end, &len, 0x30), 0);
	assert_int_equal(mbedtls_asn1_get_int(&at, end, &version), 0);
	for (size_t i = 0; i < COUNT_OF(numbers); i++) {
		mbedtls_mpi_init(&numbers[i]);
		assert_int_equal(mbedtls_asn1_get_mpi(&at, end, &numbers[i]), 0);
	}
	mbedtls_mpi_init(&x);
	if (exponent != MODULUS) {
		assert_int_equal(mbedtls_mpi_read_binary(&x, block, RSA_LEN), 0);
		assert_int_equal(mbedtls_mpi_exp_mod(&x, &x, &numbers[exponent], &numbers[0], NULL),
				 0);
	}
	assert_int_equal(
		mbedtls_mpi_write_binary(exponent == MODULUS ? &numbers[0] : &x, out, RSA_LEN), 0);
	mbedtls_mpi_free(&x);
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		mbedtls_mpi_free(&numbers[i]);
}

/* PKCS #1 v1.5 around @tail: 00 01 ff .. 00. */
static void pad(uint8_t block[RSA_LEN], const uint8_t *tail, size_t len)
{
	memset(block, 0xff, RSA_LEN);
	block[0] = 0;
	block[1] = 1;
	block[RSA_LEN - len - 1] = 0;
	memcpy(block + RSA_LEN - len, tail, len);
}

static psa_status_t verify_block(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
				 const uint8_t *block)
{
	uint8_t signature[RSA_LEN];

	rsa_raise(PRIVATE, block, signature);
	return verify(key, alg, hash, 32, signature, sizeof(signature));
}

#define SHA256_OID "0609608648016503040201"

static void forged_pkcs1_signatures_are_invalid(void **state)
{
	/* What stands where RFC 8017, 9.2, wants the first; the hash goes behind it. */
	static const char *const prefixes[] = {
		"3031300d" SHA256_OID "05000420", /* the right one */
		"302f300b" SHA256_OID "0420",	  /* no parameters */
		"3033300f" SHA256_OID "05000500"
		"0420",				    /* twice */
		"303281300d" SHA256_OID "05000420", /* lengths in long form */
		"308131300d" SHA256_OID "05000420",
		"303231810d" SHA256_OID "05000420",
		"3032300d" SHA256_OID "0500048120",
		"3080300d" SHA256_OID "05000420", /* indefinite */
		"3031300d" SHA256_OID "05010420", /* NULL with a length */
		"3031300d" SHA256_OID "04000420", /* another type of parameter */
		"3031300d06096086480165030402020500"
		"0420",				  /* SHA-384's name */
		"3021300906052b0e03021a05000414", /* SHA-1's */
		"0420",				  /* no name at all */
		"",				  /* nothing but the hash */
		"3031310d" SHA256_OID "05000420", /* a set */
		"3031300d" SHA256_OID "05000320", /* a bit string */
		"3030300d" SHA256_OID "05000420", /* lengths that don't fit */
		"3032300d" SHA256_OID "05000420",
		"3031300d" SHA256_OID "0500041f",
		"3031300d" SHA256_OID "05000421",
	};
	const psa_algorithm_t alg = PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256);
	const mbedtls_svc_key_id_t key = rsa_key(alg);
	uint8_t hash[32], tail[RSA_LEN], good[RSA_LEN], block[RSA_LEN];
	size_t good_len = 0;

	(void)state;
	memset(hash, 0xa5, sizeof(hash));
	for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
		const size_t len = from_hex(prefixes[i], tail);

		memcpy(tail + len, hash, sizeof(hash));
		pad(block, tail, len + sizeof(hash));
		assert_int_equal(verify_block(key, alg, hash, block),
				 i ? PSA_ERROR_INVALID_SIGNATURE : PSA_SUCCESS);
		/* Not at the end (Bleichenbacher's, 2006), whatever is behind it. */
		for (size_t more = 1; more < 40; more += 13) {
			memset(tail + len + sizeof(hash), (int)more, more);
			pad(block, tail, len + sizeof(hash) + more);
			assert_int_equal(verify_block(key, alg, hash, block),
					 PSA_ERROR_INVALID_SIGNATURE);
		}
		if (!i)
			good_len = len + sizeof(hash);
	}
	from_hex(prefixes[0], tail);
	memcpy(tail + good_len - sizeof(hash), hash, sizeof(hash));
	pad(good, tail, good_len);
	/* Each byte of the block counts, padding and all. */
	for (size_t i = 0; i < RSA_LEN; i++) {
		memcpy(block, good, RSA_LEN);
		block[i] ^= i ? 1 : 0x10;
		if (i || memcmp(block, "\x10", 1))
			assert_int_equal(verify_block(key, alg, hash, block),
					 PSA_ERROR_INVALID_SIGNATURE);
	}
	/* Types 0 and 2; a padding that ends early. */
	for (unsigned int type = 0; type < 4; type++) {
		memcpy(block, good, RSA_LEN);
		block[1] = (uint8_t)type;
		if (type != 1)
			assert_int_equal(verify_block(key, alg, hash, block),
					 PSA_ERROR_INVALID_SIGNATURE);
	}
	memcpy(block, good, RSA_LEN);
	block[40] = 0;
	assert_int_equal(verify_block(key, alg, hash, block), PSA_ERROR_INVALID_SIGNATURE);
	psa_destroy_key(key);
}

static void numbers_that_are_no_rsa_signature_are_invalid(void **state)
{
	const psa_algorithm_t algs[] = {
		PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256),
		PSA_ALG_RSA_PSS(PSA_ALG_SHA_256),
		PSA_ALG_RSA_PSS_ANY_SALT(PSA_ALG_SHA_256),
	};
	const uint8_t hash[32] = { 7 };

	(void)state;
	for (size_t a = 0; a < COUNT_OF(algs); a++) {
		const mbedtls_svc_key_id_t key = rsa_key(algs[a]);
		uint8_t good[RSA_LEN], bad[RSA_LEN + 2] = { 0 }, modulus[RSA_LEN];
		size_t len;

		assert_int_equal(psa_sign_hash(key, algs[a], hash, 32, good, RSA_LEN, &len),
				 PSA_SUCCESS);
		assert_int_equal(verify(key, algs[a], hash, 32, good, len), PSA_SUCCESS);
		/* 0, 1, n - 1, n, n + 1, all ones, s + n if it is short enough. */
		rsa_raise(MODULUS, NULL, modulus);
		for (unsigned int i = 0; i < 7; i++) {
			memset(bad, i == 5 ? 0xff : 0, RSA_LEN);
			bad[RSA_LEN - 1] |= i == 1;
			if (i >= 2 && i != 5)
				memcpy(bad, modulus, RSA_LEN);
			bad[RSA_LEN - 1] += (uint8_t)(i == 4) - (uint8_t)(i == 2);
			if (i == 6)
				add(bad, good, RSA_LEN);
			assert_int_equal(verify(key, algs[a], hash, 32, bad, RSA_LEN),
					 PSA_ERROR_INVALID_SIGNATURE);
		}
		/* Cut, or with a zero before or behind. */
		for (size_t cut = 0; cut < RSA_LEN; cut++)
			assert_int_equal(verify(key, algs[a], hash, 32, good, cut),
					 PSA_ERROR_INVALID_SIGNATURE);
		for (size_t at = 0; at < 2; at++) {
			memset(bad, 0, sizeof(bad));
			memcpy(bad + at, good, RSA_LEN);
			assert_int_equal(verify(key, algs[a], hash, 32, bad, RSA_LEN + 1),
					 PSA_ERROR_INVALID_SIGNATURE);
		}
		psa_destroy_key(key);
	}
}

static void mask(uint8_t *data, size_t len, const uint8_t *seed, size_t seed_len)
{
	uint8_t input[RSA_LEN + 4], stream[32];
	size_t hash_len;

	memcpy(input, seed, seed_len);
	for (size_t i = 0; i < len; i++) {
		if (i % 32 == 0) {
			memset(input + seed_len, 0, 4);
			input[seed_len + 3] = (uint8_t)(i / 32);
			assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, input, seed_len + 4,
							  stream, sizeof(stream), &hash_len),
					 PSA_SUCCESS);
		}
		data[i] ^= stream[i % 32];
	}
}

/* What of the encoding of PSS (RFC 8017, 9.1.1) is wrong. */
enum pss_fault {
	PSS_GOOD,
	PSS_TRAILER,
	PSS_TOP_BIT,
	PSS_PADDING,
	PSS_NO_ONE,
	PSS_TWO,
	PSS_HASH,
	PSS_SALT,
	PSS_FAULTS,
};

static void encode_pss(enum pss_fault fault, const uint8_t *hash, size_t salt_len, uint8_t *block)
{
	const size_t db_len = RSA_LEN - 32 - 1, one = db_len - salt_len - 1;
	uint8_t input[8 + 32 + RSA_LEN] = { 0 };
	size_t len;

	memcpy(input + 8, hash, 32);
	for (size_t i = 0; i < salt_len; i++)
		input[40 + i] = (uint8_t)(i + 1);
	memset(block, 0, db_len);
	block[one] = (uint8_t)(fault == PSS_NO_ONE ? 0 : fault == PSS_TWO ? 2 : 1);
	memcpy(block + one + 1, input + 40, salt_len);
	assert_int_equal(
		psa_hash_compute(PSA_ALG_SHA_256, input, 40 + salt_len, block + db_len, 32, &len),
		PSA_SUCCESS);
	if (fault == PSS_PADDING && one > 1)
		block[1] = 1;
	if (fault == PSS_SALT && salt_len)
		block[db_len - 1] ^= 1;
	mask(block, db_len, block + db_len, 32);
	block[0] &= 0x7f;
	/* Still below the modulus, most often; else the exponent makes something else of it. */
	if (fault == PSS_TOP_BIT)
		block[0] |= 0x80;
	if (fault == PSS_HASH)
		block[db_len + 5] ^= 4;
	block[RSA_LEN - 1] = fault == PSS_TRAILER ? 0xcc : 0xbc;
}

static void pss_takes_the_salt_that_the_algorithm_says(void **state)
{
	const psa_algorithm_t fixed = PSA_ALG_RSA_PSS(PSA_ALG_SHA_256);
	const psa_algorithm_t any = PSA_ALG_RSA_PSS_ANY_SALT(PSA_ALG_SHA_256);
	const mbedtls_svc_key_id_t fixed_key = rsa_key(fixed), any_key = rsa_key(any);
	const uint8_t hash[32] = { 3, 1, 4 };
	uint8_t block[RSA_LEN];

	(void)state;
	for (size_t salt_len = 0; salt_len <= RSA_LEN - 32 - 2; salt_len++) {
		encode_pss(PSS_GOOD, hash, salt_len, block);
		assert_int_equal(verify_block(fixed_key, fixed, hash, block),
				 salt_len == 32 ? PSA_SUCCESS : PSA_ERROR_INVALID_SIGNATURE);
		assert_int_equal(verify_block(any_key, any, hash, block), PSA_SUCCESS);
		/* A fault that this length has no place for leaves it good. */
		for (enum pss_fault fault = PSS_GOOD + 1; fault < PSS_FAULTS; fault++) {
			if ((fault == PSS_SALT && !salt_len) ||
			    (fault == PSS_PADDING && salt_len > RSA_LEN - 32 - 4) ||
			    (fault == PSS_NO_ONE && salt_len < 2))
				continue;
			encode_pss(fault, hash, salt_len, block);
			assert_int_equal(verify_block(any_key, any, hash, block),
					 PSA_ERROR_INVALID_SIGNATURE);
			assert_int_equal(verify_block(fixed_key, fixed, hash, block),
					 PSA_ERROR_INVALID_SIGNATURE);
		}
	}
	psa_destroy_key(fixed_key);
	psa_destroy_key(any_key);
}

/* Nothing of what was wrong may be seen: one status, no output. */
static void expect_bad_padding(mbedtls_svc_key_id_t key, psa_algorithm_t alg, const uint8_t *block)
{
	uint8_t input[RSA_LEN], out[RSA_LEN] = { 0 };
	static const uint8_t nothing[RSA_LEN];
	size_t len = 0;

	rsa_raise(PUBLIC, block, input);
	assert_int_equal(
		psa_asymmetric_decrypt(key, alg, input, RSA_LEN, NULL, 0, out, sizeof(out), &len),
		PSA_ERROR_INVALID_PADDING);
	assert_memory_equal(out, nothing, sizeof(out));
}

static void all_bad_paddings_of_pkcs1_look_the_same(void **state)
{
	const psa_algorithm_t alg = PSA_ALG_RSA_PKCS1V15_CRYPT;
	const mbedtls_svc_key_id_t key = rsa_key(alg);
	uint8_t good[RSA_LEN], block[RSA_LEN], input[RSA_LEN], out[RSA_LEN];
	size_t len;

	(void)state;
	memset(good, 0x5a, sizeof(good));
	good[0] = 0;
	good[1] = 2;
	expect_bad_padding(key, alg, good);
	for (unsigned int type = 0; type < 256; type++) {
		memcpy(block, good, RSA_LEN);
		block[1] = (uint8_t)type;
		block[60] = 0;
		if (type != 2)
			expect_bad_padding(key, alg, block);
	}
	memcpy(block, good, RSA_LEN);
	block[0] = 1;
	block[60] = 0;
	expect_bad_padding(key, alg, block);
	/* The zero at each place: eight bytes of padding, and then any length of the message. */
	for (size_t zero = 2; zero < RSA_LEN; zero++) {
		memcpy(block, good, RSA_LEN);
		block[zero] = 0;
		if (zero < 10) {
			block[60] = 0;
			expect_bad_padding(key, alg, block);
			continue;
		}
		rsa_raise(PUBLIC, block, input);
		assert_int_equal(psa_asymmetric_decrypt(key, alg, input, RSA_LEN, NULL, 0, out,
							sizeof(out), &len),
				 PSA_SUCCESS);
		assert_int_equal(len, RSA_LEN - 1 - zero);
		assert_memory_equal(out, good + zero + 1, len);
	}
	memset(block, 0, RSA_LEN);
	expect_bad_padding(key, alg, block);
	psa_destroy_key(key);
}

/* RFC 8017, 7.1.1, with SHA-256, no label, and the message "!". */
static void encode_oaep(uint8_t first, uint8_t *db, uint8_t *block)
{
	const size_t db_len = RSA_LEN - 32 - 1;

	block[0] = first;
	memset(block + 1, 0x77, 32);
	memcpy(block + 33, db, db_len);
	mask(block + 33, db_len, block + 1, 32);
	mask(block + 1, 32, block + 33, db_len);
}

static void all_bad_paddings_of_oaep_look_the_same(void **state)
{
	const psa_algorithm_t alg = PSA_ALG_RSA_OAEP(PSA_ALG_SHA_256);
	const mbedtls_svc_key_id_t key = rsa_key(alg);
	const size_t db_len = RSA_LEN - 32 - 1;
	uint8_t good[RSA_LEN] = { 0 }, db[RSA_LEN], block[RSA_LEN], input[RSA_LEN], out[RSA_LEN];
	size_t len;

	(void)state;
	assert_int_equal(psa_hash_compute(PSA_ALG_SHA_256, NULL, 0, good, 32, &len), PSA_SUCCESS);
	good[db_len - 2] = 1;
	good[db_len - 1] = '!';
	encode_oaep(0, good, block);
	rsa_raise(PUBLIC, block, input);
	assert_int_equal(
		psa_asymmetric_decrypt(key, alg, input, RSA_LEN, NULL, 0, out, sizeof(out), &len),
		PSA_SUCCESS);
	assert_int_equal(len, 1);
	assert_int_equal(out[0], '!');
	/* Manger's: the first byte. */
	encode_oaep(1, good, block);
	expect_bad_padding(key, alg, block);
	/* The label's hash, and the zeros behind it. */
	for (size_t i = 0; i < db_len - 2; i++) {
		memcpy(db, good, db_len);
		db[i] ^= 0x82;
		encode_oaep(0, db, block);
		expect_bad_padding(key, alg, block);
	}
	memcpy(db, good, db_len);
	db[db_len - 2] = db[db_len - 1] = 0;
	encode_oaep(0, db, block);
	expect_bad_padding(key, alg, block);
	/* A label that isn't that of the message. */
	encode_oaep(0, good, block);
	rsa_raise(PUBLIC, block, input);
	assert_int_equal(
		psa_asymmetric_decrypt(key, alg, input, RSA_LEN, db, 1, out, sizeof(out), &len),
		PSA_ERROR_INVALID_PADDING);
	psa_destroy_key(key);
}

/* The same in two parts. */
static psa_status_t decrypt_in_parts(mbedtls_svc_key_id_t key, const uint8_t *sealed, size_t len,
				     uint8_t *out, size_t size, size_t *out_len)
{
	psa_cipher_operation_t operation = PSA_CIPHER_OPERATION_INIT;
	size_t first, second, last = 0;
	psa_status_t status;

	assert_int_equal(psa_cipher_decrypt_setup(&operation, key, PSA_ALG_CBC_PKCS7), PSA_SUCCESS);
	assert_int_equal(psa_cipher_set_iv(&operation, sealed, 16), PSA_SUCCESS);
	assert_int_equal(psa_cipher_update(&operation, sealed + 16, 5, out, size, &first),
			 PSA_SUCCESS);
	assert_int_equal(first, 0);
	assert_int_equal(psa_cipher_update(&operation, sealed + 21, len - 21, out, size, &second),
			 PSA_SUCCESS);
	/* The last block waits for its padding to be looked at. */
	assert_int_equal(second, len - 32);
	status = psa_cipher_finish(&operation, out + second, size - second, &last);
	*out_len = status == PSA_SUCCESS ? second + last : 0;
	psa_cipher_abort(&operation);
	return status;
}

static void all_bad_paddings_of_cbc_look_the_same(void **state)
{
	const uint8_t key_bytes[16] = { 1 };
	const mbedtls_svc_key_id_t raw =
		import_key(PSA_KEY_TYPE_AES, PSA_ALG_CBC_NO_PADDING, key_bytes, 16);
	const mbedtls_svc_key_id_t padded =
		import_key(PSA_KEY_TYPE_AES, PSA_ALG_CBC_PKCS7, key_bytes, 16);
	uint8_t plain[32], sealed[48], out[32];
	size_t len;

	(void)state;
	for (unsigned int last = 0; last < 256; last++) {
		/* @wrong is one before the last byte; or none. */
		for (size_t wrong = 0; wrong < 16; wrong++) {
			const bool good = last >= 1 && last <= 16 && (!wrong || wrong >= last);

			memset(plain, 0xaa, sizeof(plain));
			if (last <= 32)
				memset(plain + 32 - last, (int)last, last);
			plain[31] = (uint8_t)last;
			if (wrong)
				plain[31 - wrong] ^= 0x40;
			assert_int_equal(psa_cipher_encrypt(raw, PSA_ALG_CBC_NO_PADDING, plain, 32,
							    sealed, sizeof(sealed), &len),
					 PSA_SUCCESS);
			len = 0;
			assert_int_equal(psa_cipher_decrypt(padded, PSA_ALG_CBC_PKCS7, sealed, 48,
							    out, sizeof(out), &len),
					 good ? PSA_SUCCESS : PSA_ERROR_INVALID_PADDING);
			assert_int_equal(len, good ? 32 - last : 0);
			assert_int_equal(
				decrypt_in_parts(padded, sealed, 48, out, sizeof(out), &len),
				good ? PSA_SUCCESS : PSA_ERROR_INVALID_PADDING);
			assert_int_equal(len, good ? 32 - last : 0);
		}
	}
	psa_destroy_key(raw);
	psa_destroy_key(padded);
}

static const struct {
	psa_key_type_t type;
	psa_algorithm_t alg;
} aeads[] = {
	{ PSA_KEY_TYPE_AES, PSA_ALG_GCM },
	{ PSA_KEY_TYPE_CHACHA20, PSA_ALG_CHACHA20_POLY1305 },
};

static void a_tag_is_right_to_its_last_bit_and_not_cut(void **state)
{
	uint8_t key_bytes[32] = { 9 }, nonce[12] = { 1 }, sealed[40], bad[42], out[40], plain[24];
	static const uint8_t nothing[40];
	size_t len;

	(void)state;
	memset(plain, 0x33, sizeof(plain));
	for (size_t a = 0; a < COUNT_OF(aeads); a++) {
		const psa_algorithm_t alg = aeads[a].alg;
		const mbedtls_svc_key_id_t key = import_key(aeads[a].type, alg, key_bytes, 32);

		assert_int_equal(psa_aead_encrypt(key, alg, nonce, 12, NULL, 0, plain, 24, sealed,
						  sizeof(sealed), &len),
				 PSA_SUCCESS);
		for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
			memcpy(bad, sealed, sizeof(sealed));
			bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
			len = 0;
			memset(out, 0, sizeof(out));
			assert_int_equal(psa_aead_decrypt(key, alg, nonce, 12, NULL, 0, bad, 40,
							  out, sizeof(out), &len),
					 PSA_ERROR_INVALID_SIGNATURE);
			assert_int_equal(len, 0);
			assert_memory_equal(out, nothing, sizeof(out));
		}
		for (size_t cut = 0; cut < 43; cut++) {
			memset(bad, 0, sizeof(bad));
			memcpy(bad, sealed, sizeof(sealed));
			if (cut == 40)
				continue;
			assert_int_equal(psa_aead_decrypt(key, alg, nonce, 12, NULL, 0, bad, cut,
							  out, sizeof(out), &len),
					 cut < 16 ? PSA_ERROR_INVALID_ARGUMENT :
						    PSA_ERROR_INVALID_SIGNATURE);
		}
		/* A key for whole tags takes no short ones. */
		assert_int_equal(psa_aead_decrypt(key, PSA_ALG_AEAD_WITH_SHORTENED_TAG(alg, 12),
						  nonce, 12, NULL, 0, sealed, 36, out, sizeof(out),
						  &len),
				 PSA_ERROR_NOT_PERMITTED);
		psa_destroy_key(key);
	}
}

/* 0: refused. Of GCM any other length will do (SP 800-38D, 5.2.1.1), of ChaCha20-Poly1305 just 12. */
static void nonces_of_all_sizes_are_used_whole_or_refused(void **state)
{
	uint8_t key_bytes[32] = { 9 }, nonce[256] = { 1 }, sealed[24], other[24], out[8];
	size_t len;

	(void)state;
	for (size_t a = 0; a < COUNT_OF(aeads); a++) {
		const psa_algorithm_t alg = aeads[a].alg;
		const mbedtls_svc_key_id_t key = import_key(aeads[a].type, alg, key_bytes, 32);

		for (size_t n = 0; n <= sizeof(nonce); n++) {
			const bool good = alg == PSA_ALG_GCM ? n > 0 : n == 12;
			const psa_status_t status =
				psa_aead_encrypt(key, alg, nonce, n, NULL, 0, (uint8_t *)"12345678",
						 8, sealed, sizeof(sealed), &len);

			assert_int_equal(status == PSA_SUCCESS, good);
			if (!good) {
				assert_true(status == PSA_ERROR_INVALID_ARGUMENT ||
					    status == PSA_ERROR_NOT_SUPPORTED);
				continue;
			}
			assert_int_equal(psa_aead_decrypt(key, alg, nonce, n, NULL, 0, sealed,
							  sizeof(sealed), out, sizeof(out), &len),
					 PSA_SUCCESS);
			nonce[n - 1] ^= 1;
			assert_int_equal(psa_aead_encrypt(key, alg, nonce, n, NULL, 0,
							  (uint8_t *)"12345678", 8, other,
							  sizeof(other), &len),
					 PSA_SUCCESS);
			nonce[n - 1] ^= 1;
			assert_memory_not_equal(sealed, other, sizeof(sealed));
		}
		psa_destroy_key(key);
	}
}

static psa_status_t verify_in_parts(mbedtls_svc_key_id_t key, psa_algorithm_t alg,
				    const uint8_t *nonce, const uint8_t *sealed, size_t len,
				    const uint8_t *tag, size_t tag_len)
{
	psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;
	uint8_t out[64];
	size_t out_len;
	psa_status_t status;

	assert_int_equal(psa_aead_decrypt_setup(&operation, key, alg), PSA_SUCCESS);
	assert_int_equal(psa_aead_set_nonce(&operation, nonce, 12), PSA_SUCCESS);
	assert_int_equal(psa_aead_update(&operation, sealed, 7, out, sizeof(out), &out_len),
			 PSA_SUCCESS);
	assert_int_equal(
		psa_aead_update(&operation, sealed + 7, len - 7, out, sizeof(out), &out_len),
		PSA_SUCCESS);
	status = psa_aead_verify(&operation, out, sizeof(out), &out_len, tag, tag_len);
	assert_int_equal(out_len, 0);
	psa_aead_abort(&operation);
	return status;
}

static void a_tag_in_parts_is_right_to_its_last_bit_and_not_cut(void **state)
{
	const uint8_t key_bytes[32] = { 9 }, nonce[12] = { 1 }, plain[24] = { 5 };
	uint8_t sealed[40], bad[42] = { 0 };
	size_t len;

	(void)state;
	for (size_t a = 0; a < COUNT_OF(aeads); a++) {
		const psa_algorithm_t alg = aeads[a].alg;
		const mbedtls_svc_key_id_t key = import_key(aeads[a].type, alg, key_bytes, 32);

		assert_int_equal(psa_aead_encrypt(key, alg, nonce, 12, NULL, 0, plain, 24, sealed,
						  sizeof(sealed), &len),
				 PSA_SUCCESS);
		for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
			memcpy(bad, sealed, sizeof(sealed));
			bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(verify_in_parts(key, alg, nonce, bad, 24, bad + 24, 16),
					 PSA_ERROR_INVALID_SIGNATURE);
		}
		memcpy(bad, sealed, sizeof(sealed));
		for (size_t cut = 0; cut <= 18; cut++)
			assert_int_equal(verify_in_parts(key, alg, nonce, bad, 24, bad + 24, cut),
					 cut == 16 ? PSA_SUCCESS : PSA_ERROR_INVALID_SIGNATURE);
		psa_destroy_key(key);
	}
}

/* Even one that is as long as a request may be: it is used up, and nothing is kept of it. */
static void nonces_in_parts_are_those_of_one_call(void **state)
{
	static uint8_t nonce[1u << 20];
	const uint8_t key_bytes[32] = { 9 };
	const size_t lens[] = { 0, 1, 11, 12, 13, 16, 17, 64, 4097, sizeof(nonce) };
	uint8_t sealed[24], other[24];
	size_t len, tag_len;

	(void)state;
	memset(nonce, 0x77, sizeof(nonce));
	for (size_t i = 0; i < COUNT_OF(aeads) * COUNT_OF(lens); i++) {
		const psa_algorithm_t alg = aeads[i % 2].alg;
		const size_t n = lens[i / 2];
		const bool good = alg == PSA_ALG_GCM ? n > 0 : n == 12;
		const mbedtls_svc_key_id_t key = import_key(aeads[i % 2].type, alg, key_bytes, 32);
		psa_aead_operation_t operation = PSA_AEAD_OPERATION_INIT;

		assert_int_equal(psa_aead_encrypt_setup(&operation, key, alg), PSA_SUCCESS);
		if (!good) {
			const psa_status_t status = psa_aead_set_nonce(&operation, nonce, n);

			assert_true(status == PSA_ERROR_INVALID_ARGUMENT ||
				    status == PSA_ERROR_NOT_SUPPORTED);
		} else {
			assert_int_equal(psa_aead_set_nonce(&operation, nonce, n), PSA_SUCCESS);
			assert_int_equal(psa_aead_update(&operation, key_bytes, 8, sealed, 8, &len),
					 PSA_SUCCESS);
			assert_int_equal(psa_aead_finish(&operation, NULL, 0, &len, sealed + 8, 16,
							 &tag_len),
					 PSA_SUCCESS);
			assert_int_equal(psa_aead_encrypt(key, alg, nonce, n, NULL, 0, key_bytes, 8,
							  other, sizeof(other), &len),
					 PSA_SUCCESS);
			assert_memory_equal(sealed, other, sizeof(other));
		}
		psa_aead_abort(&operation);
		psa_destroy_key(key);
	}
}

static void a_mac_is_right_to_its_last_bit_and_not_cut(void **state)
{
	static const struct {
		psa_key_type_t type;
		psa_algorithm_t alg;
		size_t len;
	} macs[] = {
		{ PSA_KEY_TYPE_HMAC, PSA_ALG_HMAC(PSA_ALG_SHA_1), 20 },
		{ PSA_KEY_TYPE_HMAC, PSA_ALG_HMAC(PSA_ALG_SHA_256), 32 },
		{ PSA_KEY_TYPE_HMAC, PSA_ALG_HMAC(PSA_ALG_SHA_512), 64 },
		{ PSA_KEY_TYPE_AES, PSA_ALG_CMAC, 16 },
	};
	const uint8_t key_bytes[32] = { 9 }, text[40] = { 3 };
	uint8_t mac[66] = { 0 }, bad[66];
	size_t len;

	(void)state;
	for (size_t m = 0; m < COUNT_OF(macs); m++) {
		const psa_algorithm_t alg = macs[m].alg;
		const mbedtls_svc_key_id_t key = import_key(macs[m].type, alg, key_bytes, 32);

		assert_int_equal(
			psa_mac_compute(key, alg, text, sizeof(text), mac, sizeof(mac), &len),
			PSA_SUCCESS);
		assert_int_equal(len, macs[m].len);
		for (size_t bit = 0; bit < 8 * len; bit++) {
			memcpy(bad, mac, sizeof(mac));
			bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
			assert_int_equal(psa_mac_verify(key, alg, text, sizeof(text), bad, len),
					 PSA_ERROR_INVALID_SIGNATURE);
		}
		for (size_t cut = 0; cut <= len + 2; cut++)
			assert_int_equal(psa_mac_verify(key, alg, text, sizeof(text), mac, cut),
					 cut == len ? PSA_SUCCESS : PSA_ERROR_INVALID_SIGNATURE);
		/* A key for whole MACs takes no short ones. */
		assert_int_equal(psa_mac_verify(key, PSA_ALG_TRUNCATED_MAC(alg, 8), text,
						sizeof(text), mac, 8),
				 PSA_ERROR_NOT_PERMITTED);
		psa_destroy_key(key);
	}
}

static int teardown(void **state)
{
	engine_leave(false);
	return crypto_teardown(state);
}

#define OWN(name)                                                                     \
	{                                                                             \
#name ", by the core's own code", name, with_own_code, teardown, NULL \
	}
#ifdef TSTEE_ENGINE
#define BOTH(name) { #name ", by the engine", name, with_engine, teardown, NULL }, OWN(name)
#else
#define BOTH(name) OWN(name)
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(deterministic_signatures_are_those_of_rfc_6979),
		BOTH(signatures_of_ecdsa_with_odd_numbers_are_invalid),
		BOTH(points_that_are_not_on_the_curve_are_refused),
		BOTH(private_keys_outside_of_the_order_are_refused),
		BOTH(points_of_low_order_are_refused_on_curve25519),
		BOTH(numbers_beyond_the_prime_are_reduced_on_curve25519),
		OWN(points_of_low_order_are_refused_on_curve448),
		BOTH(forged_pkcs1_signatures_are_invalid),
		BOTH(numbers_that_are_no_rsa_signature_are_invalid),
		BOTH(pss_takes_the_salt_that_the_algorithm_says),
		BOTH(all_bad_paddings_of_pkcs1_look_the_same),
		BOTH(all_bad_paddings_of_oaep_look_the_same),
		BOTH(all_bad_paddings_of_cbc_look_the_same),
		BOTH(a_tag_is_right_to_its_last_bit_and_not_cut),
		BOTH(nonces_of_all_sizes_are_used_whole_or_refused),
		BOTH(a_tag_in_parts_is_right_to_its_last_bit_and_not_cut),
		BOTH(nonces_in_parts_are_those_of_one_call),
		BOTH(a_mac_is_right_to_its_last_bit_and_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
