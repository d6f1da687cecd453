// SPDX-License-Identifier: BSD-3-Clause
/*
 * Fuzz harness of the PKCS#11 module and of libtstee under it: the input says which functions are
 * called, with which templates and mechanisms' parameters, and what the partition answers, which
 * is well-formed as a rule and anything else at times. The harness is where sessions and devices
 * would be. A program that passes wrong lengths isn't imitated: what points somewhere is as long
 * as it says.
 */
#include <endian.h>
#include <errno.h>
#include <pkcs11/module.h>
#include <stdlib.h>
#include <string.h>
#include <test/pkcs11/attributes.h>

/* Behind what it needs. */
#include <client/session.h>
#include <tstee/crypto.h>

#define STEPS	    48
#define HANDLES	    16
#define TEMPLATE    8
#define VALUE_MAX   80
#define MESSAGE_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const uint8_t *data;
	size_t len;
} input;

static uint8_t draw(void)
{
	if (!input.len)
		return 0;
	input.len--;
	return *input.data++;
}

static uint32_t draw_u32(void)
{
	return (uint32_t)draw() << 24 | (uint32_t)draw() << 16 | (uint32_t)draw() << 8 | draw();
}

static void draw_bytes(uint8_t *out, size_t len)
{
	while (len--)
		*out++ = draw();
}

/* --- the partition --- */

static void put_u32(uint8_t **pos, uint32_t value)
{
	value = htole32(value);
	memcpy(*pos, &value, sizeof(value));
	*pos += sizeof(value);
}

static void put_attributes(uint8_t **pos, uint32_t lifetime)
{
	static const struct {
		uint32_t type, bits;
	} keys[] = {
		{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1), 256 },
		{ PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1), 521 },
		{ PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_MONTGOMERY), 255 },
		{ PSA_KEY_TYPE_RSA_KEY_PAIR, 1024 },
		{ PSA_KEY_TYPE_RSA_PUBLIC_KEY, 2048 },
		{ PSA_KEY_TYPE_AES, 128 },
		{ PSA_KEY_TYPE_HMAC, 256 },
		{ PSA_KEY_TYPE_DERIVE, 8 },
		{ PSA_KEY_TYPE_CHACHA20, 256 },
	};
	const uint8_t which = draw();
	const bool known = which < 240;

	put_u32(pos, known ? keys[which % COUNT(keys)].type : draw_u32() & 0xffff);
	put_u32(pos, known ? keys[which % COUNT(keys)].bits : draw_u32());
	put_u32(pos, lifetime);
	put_u32(pos, draw());
	put_u32(pos, draw() < 200 ? ~0u : draw_u32());
	put_u32(pos, draw() < 200 ? TSTEE_KEY_SET | TSTEE_KEY_ALL : draw_u32());
}

/* A record, or a part, of random bytes. */
static void put_data(uint8_t **pos, bool record, size_t max)
{
	const size_t len = draw() * (draw() & 1u) % (max + 1);

	if (record) {
		*(*pos)++ = 0;
		*(*pos)++ = 1;
		*(*pos)++ = (uint8_t)(len >> 8);
		*(*pos)++ = (uint8_t)len;
	} else {
		put_u32(pos, (uint32_t)len);
	}
	draw_bytes(*pos, len);
	*pos += len;
}

static size_t answer(uint32_t opcode, uint8_t *out)
{
	uint8_t *pos = out;

	switch (opcode) {
	case CRYPTO_GENERATE_KEY:
	case CRYPTO_IMPORT_KEY:
	case CRYPTO_COPY_KEY:
	case CRYPTO_GENERATE_KEY_CUSTOM:
	case CRYPTO_DERIVATION_OUTPUT_KEY:
	case CRYPTO_KEY_AGREEMENT:
	case CRYPTO_KEY_UNWRAP:
		put_u32(&pos, draw() < 128 ? draw() + 1u : 0x40000000u + draw());
		break;
	case CRYPTO_GENERATE_PAIR:
		put_u32(&pos, draw() + 1u);
		put_data(&pos, false, 133);
		break;
	case CRYPTO_GET_KEY_ATTRIBUTES:
		put_attributes(&pos, 0);
		break;
	case CRYPTO_KEY_DESCRIBE:
		put_attributes(&pos, 1);
		put_data(&pos, false, 64);
		put_data(&pos, false, 255);
		break;
	case CRYPTO_KEY_CHANGES:
		put_u32(&pos, draw());
		put_u32(&pos, 0);
		break;
	case CRYPTO_KEY_LIST:
		for (uint32_t i = draw() % 4, id = 0; i; i--)
			put_u32(&pos, id += draw() + 1u);
		break;
	case CRYPTO_HASH_SETUP:
	case CRYPTO_MAC_SIGN_SETUP:
	case CRYPTO_CIPHER_ENCRYPT_SETUP:
	case CRYPTO_CIPHER_DECRYPT_SETUP:
	case CRYPTO_AEAD_ENCRYPT_SETUP:
	case CRYPTO_AEAD_DECRYPT_SETUP:
	case CRYPTO_DERIVATION_SETUP:
		put_u32(&pos, 1);
		break;
	case CRYPTO_AEAD_ENCRYPT:
		put_data(&pos, false, 255);
		put_data(&pos, false, 16);
		break;
	default:
		put_data(&pos, opcode < CRYPTO_VENDOR, 255);
	}
	return (size_t)(pos - out);
}

static int call(uint32_t opcode, const struct iovec *resp, int resp_count, size_t *resp_len,
		int32_t *status)
{
	static const int32_t statuses[] = { PSA_ERROR_INVALID_ARGUMENT,
					    PSA_ERROR_NOT_PERMITTED,
					    PSA_ERROR_INVALID_HANDLE,
					    PSA_ERROR_ALREADY_EXISTS,
					    PSA_ERROR_DOES_NOT_EXIST,
					    PSA_ERROR_NOT_SUPPORTED,
					    PSA_ERROR_INSUFFICIENT_MEMORY,
					    PSA_ERROR_INVALID_SIGNATURE,
					    5 };
	static const int errors[] = { -EIO, -EBUSY, -EINVAL, -ENOMEM, -EMSGSIZE, -ENODEV };
	uint8_t out[1024];
	const uint8_t mood = draw();
	size_t len = 0, done = 0;

	*resp_len = 0;
	*status = PSA_SUCCESS;
	if (mood >= 250)
		return errors[draw() % COUNT(errors)];
	if (mood >= 235)
		*status = statuses[draw() % COUNT(statuses)];
	else if (mood >= 225)
		draw_bytes(out, len = draw());
	else
		len = answer(opcode, out);
	for (int i = 0; i < resp_count && done < len; i++) {
		const size_t step = len - done < resp[i].iov_len ? len - done : resp[i].iov_len;

		memcpy(resp[i].iov_base, out + done, step);
		done += step;
	}
	if (done < len)
		return -EMSGSIZE;
	*resp_len = len;
	return 0;
}

unsigned int session_forks(void)
{
	return 0;
}

int session_callv(struct tstee_session *to, bool patient, uint32_t opcode, const struct iovec *iov,
		  int iov_count, const struct iovec *resp, int resp_count, size_t *resp_len,
		  int32_t *status)
{
	(void)to;
	(void)patient;
	(void)iov;
	(void)iov_count;
	return call(opcode, resp, resp_count, resp_len, status);
}

int tstee_callv(struct tstee_session *to, uint32_t opcode, const struct iovec *iov, int iov_count,
		void *resp, size_t resp_size, size_t *resp_len, int32_t *status)
{
	const struct iovec one = { .iov_base = resp, .iov_len = resp_size };
	size_t len;
	int err;

	(void)to;
	(void)iov;
	(void)iov_count;
	err = call(opcode, &one, 1, &len, status);
	if (resp_len)
		*resp_len = len;
	return err;
}

int tstee_call(struct tstee_session *to, uint32_t opcode, const void *req, size_t req_len,
	       void *resp, size_t resp_size, size_t *resp_len, int32_t *status)
{
	(void)req;
	(void)req_len;
	return tstee_callv(to, opcode, NULL, 0, resp, resp_size, resp_len, status);
}

static struct tstee_session *const a_session = (struct tstee_session *)&input;

int tstee_open(const char *service, const struct tstee_options *options,
	       struct tstee_session **session)
{
	(void)service;
	(void)options;
	*session = a_session;
	return 0;
}

void tstee_close(struct tstee_session *session)
{
	(void)session;
}

bool session_place_full(struct session_place *place)
{
	return place->session;
}

bool session_place_fill(struct session_place *place, struct tstee_session *session)
{
	place->session = session;
	return true;
}

void session_place_clear(struct session_place *place)
{
	place->session = NULL;
}

struct tstee_session *session_place_hold(struct session_place *place)
{
	return place->session;
}

void session_let_go(struct tstee_session *session)
{
	(void)session;
}

void session_keeps(struct session_place *place)
{
	(void)place;
}

/* --- the device --- */

static struct tstee_devices *const the_devices = (struct tstee_devices *)&input;
static const struct tstee_device *const the_device = (const struct tstee_device *)&input;

int tstee_devices_list(struct tstee_devices **devices)
{
	*devices = the_devices;
	return 0;
}

void tstee_devices_free(struct tstee_devices *devices)
{
	(void)devices;
}

size_t tstee_devices_count(const struct tstee_devices *devices)
{
	(void)devices;
	return 1;
}

const struct tstee_device *tstee_devices_get(const struct tstee_devices *devices, size_t index)
{
	(void)devices;
	(void)index;
	return the_device;
}

const char *tstee_device_path(const struct tstee_device *device)
{
	(void)device;
	return "/dev/tee0";
}

enum tstee_device_kind tstee_device_kind(const struct tstee_device *device)
{
	(void)device;
	return TSTEE_DEVICE_PARTITION;
}

int tstee_device_access(const struct tstee_device *device)
{
	(void)device;
	return 0;
}

uint16_t tstee_device_endpoint_id(const struct tstee_device *device)
{
	(void)device;
	return 0x8003;
}

const char *tstee_device_driver(const struct tstee_device *device)
{
	(void)device;
	return "tstee";
}

int tstee_device_hosts(const struct tstee_device *device, const struct tstee_uuid *uuid)
{
	(void)device;
	(void)uuid;
	return 1;
}

/* --- the program --- */

static CK_SLOT_ID slot;
static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE handles[HANDLES];
static CK_MECHANISM_TYPE mechanisms[128];
static CK_ULONG mechanism_count = COUNT(mechanisms);
static uint8_t values[2][TEMPLATE][VALUE_MAX];

static const CK_ULONG numbers[] = { 0,	  1,	2,    3,    4,	  16,	32,  0x10,
				    0x1f, 0x2b, 0x33, 0x41, 1024, 2048, 256, ~0ul };

/* A value that fits the type more often than not. */
static void value_draw(CK_ATTRIBUTE *a, uint8_t value[VALUE_MAX])
{
	static const uint8_t p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
	const uint8_t form = draw() % 8;

	a->pValue = value;
	a->ulValueLen = 0;
	switch (form) {
	case 0:
	case 1:
		value[0] = draw() & 1;
		a->ulValueLen = 1;
		break;
	case 2:
	case 3:
		memcpy(value, &numbers[draw() % COUNT(numbers)], sizeof(CK_ULONG));
		a->ulValueLen = sizeof(CK_ULONG);
		break;
	case 4:
		memcpy(value, p256, sizeof(p256));
		a->ulValueLen = sizeof(p256);
		break;
	case 5:
		a->pValue = NULL;
		a->ulValueLen = draw() & 1;
		break;
	default:
		a->ulValueLen = draw() % VALUE_MAX;
		draw_bytes(value, a->ulValueLen);
	}
}

static CK_ULONG template_draw(CK_ATTRIBUTE templ[TEMPLATE], uint8_t space[TEMPLATE][VALUE_MAX])
{
	const CK_ULONG count = draw() % (TEMPLATE + 1);

	for (CK_ULONG i = 0; i < count; i++) {
		templ[i].type = attribute_types[draw() % COUNT(attribute_types)];
		value_draw(&templ[i], space[i]);
	}
	return count;
}

/* Parameters of all kinds, whose pointers lead to where there is something. */
static union {
	CK_GCM_PARAMS gcm;
	struct cryptoki_ccm_params ccm;
	struct cryptoki_chacha_params chacha;
	struct cryptoki_hkdf_params hkdf;
	struct cryptoki_gcm_message gcm_message;
	struct cryptoki_ccm_message ccm_message;
	struct cryptoki_chacha_message chacha_message;
	CK_RSA_PKCS_PSS_PARAMS pss;
	CK_RSA_PKCS_OAEP_PARAMS oaep;
	CK_ECDH1_DERIVE_PARAMS ecdh;
	CK_AES_CTR_PARAMS ctr;
	uint8_t bytes[64];
} parameter;
static uint8_t nonce[64], ad[64], tag[64];

static CK_ULONG parameter_draw(void)
{
	memset(&parameter, 0, sizeof(parameter));
	draw_bytes(nonce, 16);
	switch (draw() % 12) {
	case 0:
		parameter.gcm = (CK_GCM_PARAMS){ nonce, draw() % 64, 0, ad, draw() % 64, draw() };
		return sizeof(parameter.gcm);
	case 1:
		parameter.ccm = (struct cryptoki_ccm_params){ draw(), nonce,	   draw() % 16,
							      ad,     draw() % 64, draw() % 20 };
		return sizeof(parameter.ccm);
	case 2:
		parameter.chacha =
			(struct cryptoki_chacha_params){ nonce, draw() % 16, ad, draw() % 64 };
		return sizeof(parameter.chacha);
	case 3:
		parameter.hkdf =
			(struct cryptoki_hkdf_params){ draw() & 1, draw() & 1, CKM_SHA256,
						       draw() % 5, nonce,      draw() % 64,
						       0,	   ad,	       draw() % 64 };
		return sizeof(parameter.hkdf);
	case 4:
		parameter.gcm_message =
			(struct cryptoki_gcm_message){ nonce,	   draw() % 64, draw(),
						       draw() % 4, tag,		draw() };
		return sizeof(parameter.gcm_message);
	case 5:
		parameter.ccm_message =
			(struct cryptoki_ccm_message){ draw(),	   nonce, draw() % 16, draw(),
						       draw() % 4, tag,	  draw() % 20 };
		return sizeof(parameter.ccm_message);
	case 6:
		parameter.chacha_message = (struct cryptoki_chacha_message){ nonce, 12, tag };
		return sizeof(parameter.chacha_message);
	case 7:
		parameter.pss = (CK_RSA_PKCS_PSS_PARAMS){ CKM_SHA256, draw() % 4, draw() % 40 };
		return sizeof(parameter.pss);
	case 8:
		parameter.oaep = (CK_RSA_PKCS_OAEP_PARAMS){ CKM_SHA256, draw() % 4, draw() % 3, ad,
							    draw() % 64 };
		return sizeof(parameter.oaep);
	case 9:
		parameter.ecdh = (CK_ECDH1_DERIVE_PARAMS){ draw() % 3, 0, NULL, draw() % 64, ad };
		return sizeof(parameter.ecdh);
	case 10:
		draw_bytes(parameter.bytes, 24);
		return draw() % 33;
	default:
		return 0;
	}
}

static CK_MECHANISM mechanism_draw(void)
{
	CK_MECHANISM mechanism = { .mechanism = mechanisms[draw() % mechanism_count] };

	mechanism.ulParameterLen = parameter_draw();
	mechanism.pParameter = draw() < 250 ? &parameter : NULL;
	return mechanism;
}

static CK_OBJECT_HANDLE *handle_draw(void)
{
	return &handles[draw() % HANDLES];
}

static void step_make(uint8_t function, CK_MECHANISM *mechanism)
{
	CK_ATTRIBUTE templ[TEMPLATE], second[TEMPLATE];
	const CK_ULONG count = template_draw(templ, values[0]);
	uint8_t data[MESSAGE_MAX];
	CK_ULONG len = draw() % MESSAGE_MAX;

	draw_bytes(data, draw() % 32);
	switch (function) {
	case 0:
		(void)C_GenerateKey(session, mechanism, templ, count, handle_draw());
		break;
	case 1:
		(void)C_GenerateKeyPair(session, mechanism, templ, count, second,
					template_draw(second, values[1]), handle_draw(),
					handle_draw());
		break;
	case 2:
		(void)C_CreateObject(session, templ, count, handle_draw());
		break;
	case 3:
		(void)C_CopyObject(session, *handle_draw(), templ, count, handle_draw());
		break;
	case 4:
		(void)C_SetAttributeValue(session, *handle_draw(), templ, count);
		break;
	case 5:
		(void)C_GetAttributeValue(session, *handle_draw(), templ, count);
		break;
	case 6:
		if (C_FindObjectsInit(session, templ, count) == CKR_OK) {
			(void)C_FindObjects(session, handles, HANDLES, &len);
			(void)C_FindObjectsFinal(session);
		}
		break;
	case 7:
		(void)C_DeriveKey(session, mechanism, *handle_draw(), templ, count, handle_draw());
		break;
	case 8:
		(void)C_UnwrapKey(session, mechanism, *handle_draw(), data, len, templ, count,
				  handle_draw());
		break;
	default:
		(void)C_WrapKey(session, mechanism, *handle_draw(), *handle_draw(), data, &len);
	}
}

static void step_use(uint8_t function, CK_MECHANISM *mechanism)
{
	uint8_t in[MESSAGE_MAX], out[MESSAGE_MAX];
	CK_ULONG len = draw() % MESSAGE_MAX, out_len = draw() % MESSAGE_MAX;

	draw_bytes(in, draw() % 32);
	switch (function) {
	case 0:
		(void)C_EncryptInit(session, mechanism, *handle_draw());
		break;
	case 1:
		(void)C_DecryptInit(session, mechanism, *handle_draw());
		break;
	case 2:
		(void)C_SignInit(session, mechanism, *handle_draw());
		break;
	case 3:
		(void)C_VerifyInit(session, mechanism, *handle_draw());
		break;
	case 4:
		(void)C_DigestInit(session, mechanism);
		break;
	case 5:
		(void)C_MessageEncryptInit(session, mechanism, *handle_draw());
		break;
	case 6:
		(void)C_MessageDecryptInit(session, mechanism, *handle_draw());
		break;
	case 7:
		(void)C_Encrypt(session, in, len, out, &out_len);
		break;
	case 8:
		(void)C_Decrypt(session, in, len, out, &out_len);
		break;
	case 9:
		(void)C_EncryptUpdate(session, in, len, out, &out_len);
		break;
	case 10:
		(void)C_DecryptUpdate(session, in, len, out, &out_len);
		break;
	case 11:
		(void)C_EncryptFinal(session, out, &out_len);
		break;
	case 12:
		(void)C_DecryptFinal(session, out, &out_len);
		break;
	case 13:
		(void)C_Sign(session, in, len, out, &out_len);
		break;
	case 14:
		(void)C_SignUpdate(session, in, len);
		break;
	case 15:
		(void)C_SignFinal(session, out, &out_len);
		break;
	case 16:
		(void)C_Verify(session, in, len, out, out_len);
		break;
	case 17:
		(void)C_VerifyUpdate(session, in, len);
		break;
	case 18:
		(void)C_Digest(session, in, len, out, &out_len);
		break;
	case 19:
		(void)C_DigestKey(session, *handle_draw());
		break;
	case 20:
		(void)C_EncryptMessage(session, &parameter, mechanism->ulParameterLen, ad, 5, in,
				       len, out, &out_len);
		break;
	case 21:
		(void)C_DecryptMessage(session, &parameter, mechanism->ulParameterLen, ad, 5, in,
				       len, out, &out_len);
		break;
	case 22:
		(void)C_EncryptMessageBegin(session, &parameter, mechanism->ulParameterLen, ad, 5);
		break;
	case 23:
		(void)C_EncryptMessageNext(session, &parameter, mechanism->ulParameterLen, in, len,
					   out, &out_len, draw() & 1);
		break;
	case 24:
		(void)C_DecryptMessageBegin(session, &parameter, mechanism->ulParameterLen, ad, 5);
		break;
	case 25:
		(void)C_DecryptMessageNext(session, &parameter, mechanism->ulParameterLen, in, len,
					   out, &out_len, draw() & 1);
		break;
	case 26:
		(void)C_SessionCancel(session, draw_u32());
		break;
	default:
		(void)C_DestroyObject(session, *handle_draw());
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CK_ULONG slots = 1;

	input.data = data;
	input.len = size;
	memset(handles, 0, sizeof(handles));
	if (C_Initialize(NULL) != CKR_OK)
		abort();
	(void)C_GetSlotList(CK_TRUE, NULL, &slots);
	slots = 1;
	(void)C_GetSlotList(CK_TRUE, &slot, &slots);
	mechanism_count = COUNT(mechanisms);
	if (C_GetMechanismList(slot, mechanisms, &mechanism_count) != CKR_OK ||
	    C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session) !=
		    CKR_OK)
		abort();
	for (int i = 0; i < STEPS && input.len; i++) {
		const uint8_t function = draw() % 40;
		CK_MECHANISM mechanism = mechanism_draw();

		if (function < 12)
			step_make(function, &mechanism);
		else
			step_use(function - 12, &mechanism);
	}
	if (C_Finalize(NULL) != CKR_OK)
		abort();
	return 0;
}
