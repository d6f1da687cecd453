// SPDX-License-Identifier: BSD-3-Clause
/* Templates: which attributes an object of a class may be made with, and how. State: none. */
#include <string.h>

#include "module.h"

#define DATA	    (1u << CKO_DATA)
#define CERTIFICATE (1u << CKO_CERTIFICATE)
#define PUBLIC	    (1u << CKO_PUBLIC_KEY)
#define PRIVATE	    (1u << CKO_PRIVATE_KEY)
#define SECRET	    (1u << CKO_SECRET_KEY)
#define KEYS	    (PUBLIC | PRIVATE | SECRET)
#define OBJECTS	    (DATA | CERTIFICATE | KEYS)
#define STORED	    (DATA | CERTIFICATE)

/* FORM_NONE: an empty list, which asks for nothing. */
enum form { FORM_BOOL, FORM_ULONG, FORM_DATE, FORM_BYTES, FORM_LIST, FORM_NONE };

enum handling {
	KEPT, /* as it is, beside the key */
	USED, /* it says how the object is made */
	TOLD, /* only the token says it */
};

/* In classes that aren't named the attribute is none. */
static const struct rule {
	CK_ATTRIBUTE_TYPE type;
	unsigned int classes;
	enum form form;
	enum handling handling;
} rules[] = {
	{ CKA_CLASS, OBJECTS, FORM_ULONG, USED },
	{ CKA_TOKEN, OBJECTS, FORM_BOOL, USED },
	{ CKA_PRIVATE, OBJECTS, FORM_BOOL, KEPT },
	{ CKA_MODIFIABLE, OBJECTS, FORM_BOOL, KEPT },
	{ CKA_COPYABLE, OBJECTS, FORM_BOOL, KEPT },
	{ CKA_DESTROYABLE, OBJECTS, FORM_BOOL, KEPT },
	{ CKA_LABEL, OBJECTS, FORM_BYTES, KEPT },
	{ CKA_UNIQUE_ID, OBJECTS, FORM_BYTES, TOLD },
	{ CKA_APPLICATION, DATA, FORM_BYTES, KEPT },
	{ CKA_OBJECT_ID, DATA, FORM_BYTES, KEPT },
	{ CKA_VALUE, STORED, FORM_BYTES, KEPT },
	{ CKA_VALUE, KEYS, FORM_BYTES, USED },
	{ CKA_SEED, PRIVATE, FORM_BYTES, USED },
	{ CKA_PARAMETER_SET, PUBLIC | PRIVATE, FORM_ULONG, USED },
	{ CKA_CERTIFICATE_TYPE, CERTIFICATE, FORM_ULONG, KEPT },
	{ CKA_CERTIFICATE_CATEGORY, CERTIFICATE, FORM_ULONG, KEPT },
	{ CKA_JAVA_MIDP_SECURITY_DOMAIN, CERTIFICATE, FORM_ULONG, KEPT },
	{ CKA_NAME_HASH_ALGORITHM, CERTIFICATE, FORM_ULONG, KEPT },
	{ CKA_ISSUER, CERTIFICATE, FORM_BYTES, KEPT },
	{ CKA_SERIAL_NUMBER, CERTIFICATE, FORM_BYTES, KEPT },
	{ CKA_URL, CERTIFICATE, FORM_BYTES, KEPT },
	{ CKA_HASH_OF_SUBJECT_PUBLIC_KEY, CERTIFICATE, FORM_BYTES, KEPT },
	{ CKA_HASH_OF_ISSUER_PUBLIC_KEY, CERTIFICATE, FORM_BYTES, KEPT },
	{ CKA_CHECK_VALUE, CERTIFICATE | SECRET, FORM_BYTES, KEPT },
	{ CKA_TRUSTED, CERTIFICATE, FORM_BOOL, KEPT },
	{ CKA_TRUSTED, PUBLIC | SECRET, FORM_BOOL, TOLD },
	{ CKA_ID, CERTIFICATE | KEYS, FORM_BYTES, KEPT },
	{ CKA_SUBJECT, CERTIFICATE | PUBLIC | PRIVATE, FORM_BYTES, KEPT },
	{ CKA_START_DATE, CERTIFICATE | KEYS, FORM_DATE, KEPT },
	{ CKA_END_DATE, CERTIFICATE | KEYS, FORM_DATE, KEPT },
	{ CKA_PUBLIC_KEY_INFO, CERTIFICATE, FORM_BYTES, KEPT },
	{ CKA_PUBLIC_KEY_INFO, PUBLIC | PRIVATE, FORM_BYTES, USED },
	{ CKA_KEY_TYPE, KEYS, FORM_ULONG, USED },
	{ CKA_ALLOWED_MECHANISMS, KEYS, FORM_LIST, KEPT },
	{ CKA_WRAP_TEMPLATE, PUBLIC | SECRET, FORM_NONE, USED },
	{ CKA_UNWRAP_TEMPLATE, PRIVATE | SECRET, FORM_NONE, USED },
	{ CKA_DERIVE_TEMPLATE, PRIVATE | SECRET, FORM_NONE, USED },
	{ CKA_DERIVE, KEYS, FORM_BOOL, USED },
	{ CKA_ENCRYPT, PUBLIC | SECRET, FORM_BOOL, USED },
	{ CKA_VERIFY, PUBLIC | SECRET, FORM_BOOL, USED },
	{ CKA_VERIFY_RECOVER, PUBLIC, FORM_BOOL, USED },
	{ CKA_WRAP, PUBLIC | SECRET, FORM_BOOL, USED },
	{ CKA_DECRYPT, PRIVATE | SECRET, FORM_BOOL, USED },
	{ CKA_SIGN, PRIVATE | SECRET, FORM_BOOL, USED },
	{ CKA_SIGN_RECOVER, PRIVATE, FORM_BOOL, USED },
	{ CKA_UNWRAP, PRIVATE | SECRET, FORM_BOOL, USED },
	{ CKA_SENSITIVE, PRIVATE | SECRET, FORM_BOOL, KEPT },
	{ CKA_EXTRACTABLE, PRIVATE | SECRET, FORM_BOOL, USED },
	{ CKA_WRAP_WITH_TRUSTED, PRIVATE | SECRET, FORM_BOOL, TOLD },
	{ CKA_ALWAYS_AUTHENTICATE, PRIVATE, FORM_BOOL, TOLD },
	{ CKA_LOCAL, KEYS, FORM_BOOL, TOLD },
	{ CKA_ALWAYS_SENSITIVE, PRIVATE | SECRET, FORM_BOOL, TOLD },
	{ CKA_NEVER_EXTRACTABLE, PRIVATE | SECRET, FORM_BOOL, TOLD },
	{ CKA_KEY_GEN_MECHANISM, KEYS, FORM_ULONG, TOLD },
	{ CKA_VALUE_LEN, SECRET, FORM_ULONG, USED },
	{ CKA_MODULUS, PUBLIC | PRIVATE, FORM_BYTES, USED },
	{ CKA_MODULUS_BITS, PUBLIC, FORM_ULONG, USED },
	{ CKA_PUBLIC_EXPONENT, PUBLIC | PRIVATE, FORM_BYTES, USED },
	{ CKA_PRIVATE_EXPONENT, PRIVATE, FORM_BYTES, USED },
	{ CKA_PRIME_1, PRIVATE, FORM_BYTES, USED },
	{ CKA_PRIME_2, PRIVATE, FORM_BYTES, USED },
	{ CKA_EXPONENT_1, PRIVATE, FORM_BYTES, USED },
	{ CKA_EXPONENT_2, PRIVATE, FORM_BYTES, USED },
	{ CKA_COEFFICIENT, PRIVATE, FORM_BYTES, USED },
	{ CKA_EC_PARAMS, PUBLIC | PRIVATE, FORM_BYTES, USED },
	{ CKA_EC_POINT, PUBLIC | PRIVATE, FORM_BYTES, USED },
};

static const struct rule *rule_of(CK_ATTRIBUTE_TYPE type, CK_OBJECT_CLASS class)
{
	for (size_t i = 0; i < COUNT(rules); i++) {
		if (rules[i].type == type && class <= CKO_SECRET_KEY &&
		    rules[i].classes & 1u << class)
			return &rules[i];
	}
	return NULL;
}

static bool form_fits(enum form form, const CK_ATTRIBUTE *a)
{
	switch (form) {
	case FORM_BOOL:
		return a->ulValueLen == sizeof(CK_BBOOL);
	case FORM_ULONG:
		return a->ulValueLen == sizeof(CK_ULONG);
	case FORM_DATE:
		return !a->ulValueLen || a->ulValueLen == sizeof(CK_DATE);
	case FORM_LIST:
		return a->ulValueLen % sizeof(CK_ULONG) == 0;
	case FORM_NONE:
		return !a->ulValueLen;
	default:
		return true;
	}
}

/* What only the token says may be said of what it says anyway. */
static bool is_no(const struct rule *rule, const CK_ATTRIBUTE *a)
{
	return rule->form == FORM_BOOL && *(const CK_BBOOL *)a->pValue == CK_FALSE;
}

CK_RV template_keep(const CK_ATTRIBUTE *templ, CK_ULONG count, CK_OBJECT_CLASS class,
		    struct attributes *kept)
{
	CK_RV rv = template_check(templ, count);

	for (CK_ULONG i = 0; i < count && rv == CKR_OK; i++) {
		const struct rule *rule = rule_of(templ[i].type, class);

		if (!rule)
			rv = CKR_ATTRIBUTE_TYPE_INVALID;
		else if (!form_fits(rule->form, &templ[i]))
			rv = CKR_ATTRIBUTE_VALUE_INVALID;
		else if (rule->handling == TOLD && !is_no(rule, &templ[i]))
			rv = CKR_ATTRIBUTE_READ_ONLY;
		else if (rule->handling == KEPT)
			rv = attributes_set(kept, templ[i].type, templ[i].pValue,
					    templ[i].ulValueLen);
		if (rv != CKR_OK)
			trace("  attribute 0x%lx of the template", templ[i].type);
	}
	return rv;
}

bool attribute_is_kept(CK_ATTRIBUTE_TYPE type, CK_OBJECT_CLASS class)
{
	const struct rule *rule = rule_of(type, class);

	return rule && rule->handling == KEPT;
}
