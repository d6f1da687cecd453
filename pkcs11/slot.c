// SPDX-License-Identifier: BSD-3-Clause
/*
 * Slots and tokens: which there are, and what is told of them. A slot has its token for ever;
 * it is one crypto partition as one identity. Which identities: TSTEE_PKCS11_TOKENS, else the
 * configuration file, else the user (or TSTEE_LOGIN) and public.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tstee/client_id.h>
#include <unistd.h>

#include "mechanism.h"
#include "module.h"

#define CONFIGURATION		  "/etc/tstee/pkcs11.conf"
#define IDENTITIES_MAX		  16u
#define DRIVER_WITHOUT_IDENTITIES "arm_tstee"

/* Logins separated by commas or blanks, in @text, which is spoiled. */
static size_t identities_parse(char *text, struct tstee_options *list)
{
	size_t count = 0;
	char *rest = NULL;

	for (char *word = strtok_r(text, ", \t\n", &rest); word;
	     word = strtok_r(NULL, ", \t\n", &rest)) {
		struct tstee_options options = { 0 };

		if (tstee_login_parse(word, &options))
			trace("  tokens: %s", tstee_error());
		else if (count < IDENTITIES_MAX)
			list[count++] = options;
	}
	return count;
}

/* The line "tokens = ..." of the configuration file; "" if there is none. */
static void configuration_read(char *text, size_t size)
{
	FILE *file = fopen(CONFIGURATION, "re");
	char line[256], *pos;

	text[0] = '\0';
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		pos = line + strspn(line, " \t");
		if (strncmp(pos, "tokens", 6) != 0)
			continue;
		pos += 6 + strspn(pos + 6, " \t");
		if (*pos == '=')
			snprintf(text, size, "%s", pos + 1);
	}
	(void)fclose(file);
}

static size_t identities(struct tstee_options *list)
{
	const char *text = secure_getenv("TSTEE_PKCS11_TOKENS");
	const char *login = secure_getenv("TSTEE_LOGIN");
	char copy[256];
	size_t count;

	if (text && *text)
		snprintf(copy, sizeof(copy), "%s", text);
	else
		configuration_read(copy, sizeof(copy));
	if (!*copy || !(count = identities_parse(copy, list))) {
		snprintf(copy, sizeof(copy), "%s", login && *login ? login : "user");
		count = identities_parse(copy, list);
		if (count == 1 && list[0].login != TSTEE_LOGIN_PUBLIC)
			list[count++] = (struct tstee_options){ .login = TSTEE_LOGIN_PUBLIC };
	}
	return count;
}

static bool same_token(const struct slot *slot, const struct tstee_options *options)
{
	return slot->options.login == options->login && slot->options.group == options->group &&
	       slot->options.endpoint_id == options->endpoint_id;
}

/* What tells the token from all others of this machine. */
static void names_set(struct slot *slot, bool first)
{
	uint32_t client = 0;
	int len;

	switch (slot->options.login) {
	case TSTEE_LOGIN_USER:
		client = tstee_client_id_user(geteuid());
		len = snprintf(slot->label, sizeof(slot->label), "TSTEE user %u",
			       (unsigned int)geteuid());
		break;
	case TSTEE_LOGIN_GROUP:
		client = tstee_client_id_group(slot->options.group);
		len = snprintf(slot->label, sizeof(slot->label), "TSTEE group %u",
			       (unsigned int)slot->options.group);
		break;
	default:
		len = snprintf(slot->label, sizeof(slot->label), "TSTEE public");
	}
	if (!first)
		snprintf(slot->label + len, sizeof(slot->label) - (size_t)len, " at %04x",
			 (unsigned int)slot->options.endpoint_id);
	snprintf(slot->serial, sizeof(slot->serial), "%04x%08x",
		 (unsigned int)slot->options.endpoint_id, (unsigned int)client);
}

/* Notes that the token is there, which may be a new one. */
static void slot_add(const struct tstee_options *options, unsigned int index, bool first)
{
	struct slot *slot, **last;

	pthread_mutex_lock(&module.lock);
	for (last = &module.slots; *last; last = &(*last)->next) {
		if (same_token(*last, options)) {
			(*last)->found = true;
			pthread_mutex_unlock(&module.lock);
			return;
		}
	}
	slot = calloc(1, sizeof(*slot));
	if (slot) {
		slot->id = (CK_SLOT_ID)options->endpoint_id * IDENTITIES_MAX + index;
		slot->options = *options;
		slot->found = true;
		pthread_mutex_init(&slot->lock, NULL);
		names_set(slot, first);
		*last = slot;
	}
	pthread_mutex_unlock(&module.lock);
}

static void partition_add(const struct tstee_device *device, bool first)
{
	struct tstee_options list[IDENTITIES_MAX];
	size_t count = identities(list);

	/* Or its name and more, where it is a guess. */
	if (!strncmp(tstee_device_driver(device), DRIVER_WITHOUT_IDENTITIES,
		     strlen(DRIVER_WITHOUT_IDENTITIES))) {
		list[0] = (struct tstee_options){ .login = TSTEE_LOGIN_PUBLIC };
		count = 1;
	}
	for (unsigned int i = 0; i < count; i++) {
		list[i].endpoint_id = tstee_device_endpoint_id(device);
		slot_add(&list[i], i, first);
	}
}

/* Partitions in the order of their IDs. */
static const struct tstee_device *next_partition(const struct tstee_devices *devices,
						 unsigned int after)
{
	const struct tstee_device *best = NULL;

	for (size_t i = 0; i < tstee_devices_count(devices); i++) {
		const struct tstee_device *device = tstee_devices_get(devices, i);
		uint16_t id = tstee_device_endpoint_id(device);

		if (tstee_device_kind(device) == TSTEE_DEVICE_PARTITION && id > after &&
		    (!best || id < tstee_device_endpoint_id(best)))
			best = device;
	}
	return best;
}

static void tell_why_none(const struct tstee_devices *devices)
{
	size_t count = tstee_devices_count(devices);

	if (!count)
		trace("  no slots: there is no /dev/tee*, and TSTEE_WORLD names no world");
	for (size_t i = 0; i < count; i++) {
		const struct tstee_device *device = tstee_devices_get(devices, i);
		int err = tstee_device_access(device);

		trace("  no slot of %s: %s", tstee_device_path(device),
		      err ? strerror(-err) :
		      tstee_device_kind(device) != TSTEE_DEVICE_PARTITION ?
			    "not a partition" :
			    "it doesn't host the crypto service");
	}
}

/* With module.looking. */
static void tokens_look(void)
{
	struct tstee_devices *devices;
	struct tstee_uuid uuid;
	const struct tstee_device *device = NULL;
	bool first = true;

	if (tstee_service_parse(TSTEE_CRYPTO_SERVICE, &uuid) || tstee_devices_list(&devices)) {
		trace("  no slots: %s", tstee_error());
		return;
	}
	while ((device = next_partition(devices, device ? tstee_device_endpoint_id(device) : 0))) {
		int hosts = tstee_device_hosts(device, &uuid);

		if (hosts < 0)
			trace("  %s: %s", tstee_device_path(device), tstee_error());
		if (hosts <= 0)
			continue;
		partition_add(device, first);
		first = false;
	}
	if (first)
		tell_why_none(devices);
	tstee_devices_free(devices);
}

void slots_refresh(void)
{
	struct slot *slot;

	pthread_mutex_lock(&module.looking);
	pthread_mutex_lock(&module.lock);
	for (slot = module.slots; slot; slot = slot->next)
		slot->found = false;
	pthread_mutex_unlock(&module.lock);
	tokens_look();
	/* At once, so that nobody misses one meanwhile. */
	pthread_mutex_lock(&module.lock);
	for (slot = module.slots; slot; slot = slot->next)
		slot->present = slot->found;
	pthread_mutex_unlock(&module.lock);
	pthread_mutex_unlock(&module.looking);
}

static struct slot *slot_known(CK_SLOT_ID id)
{
	struct slot *slot;

	pthread_mutex_lock(&module.lock);
	for (slot = module.slots; slot && slot->id != id; slot = slot->next)
		;
	pthread_mutex_unlock(&module.lock);
	return slot;
}

struct slot *slot_find(CK_SLOT_ID id)
{
	struct slot *slot = slot_known(id);

	if (slot)
		return slot;
	slots_refresh();
	return slot_known(id);
}

static bool is_present(struct slot *slot)
{
	bool present;

	pthread_mutex_lock(&module.lock);
	present = slot->present;
	pthread_mutex_unlock(&module.lock);
	return present;
}

/* One that went, a world that ended say, may be there again. */
static bool token_present(struct slot *slot)
{
	if (is_present(slot))
		return true;
	slots_refresh();
	return is_present(slot);
}

CK_RV slot_connect(struct slot *slot)
{
	int err = 0;

	pthread_mutex_lock(&slot->lock);
	if (!slot->crypto)
		err = tstee_crypto_open(&slot->options, &slot->crypto);
	pthread_mutex_unlock(&slot->lock);
	return rv_from_errno(err);
}

CK_RV slot_storage(struct slot *slot, struct tstee_session **storage)
{
	struct tstee_options options = slot->options;
	int err = 0;

	/* It need not be the crypto partition that hosts it. */
	options.endpoint_id = 0;
	if (!slot->storage)
		err = tstee_open(TSTEE_PS_SERVICE, &options, &slot->storage);
	slot->no_storage = err == -ENOENT;
	*storage = slot->storage;
	return rv_from_errno(err);
}

/* Nobody is in a call, and all sessions are gone. */
void slots_free(void)
{
	struct slot *slot;

	while ((slot = module.slots)) {
		module.slots = slot->next;
		objects_drop(slot->objects, false);
		objects_drop(slot->session_objects, false);
		objects_drop(slot->profile, false);
		tstee_close(slot->storage);
		tstee_crypto_close(slot->crypto);
		pthread_mutex_destroy(&slot->lock);
		free(slot);
	}
}

CK_RV C_GetSlotList(CK_BBOOL token_present, CK_SLOT_ID *list, CK_ULONG *count)
{
	struct call call;
	CK_RV rv = call_begin(&call, "C_GetSlotList");
	CK_ULONG there = 0;
	bool anew;

	if (rv == CKR_OK && !count)
		rv = CKR_ARGUMENTS_BAD;
	if (rv != CKR_OK)
		return call_end(&call, rv);
	/* The list stays the same between asking for its length and for itself (5.5.1). */
	pthread_mutex_lock(&module.looking);
	anew = !list || !module.slots;
	pthread_mutex_unlock(&module.looking);
	if (anew)
		slots_refresh();
	pthread_mutex_lock(&module.lock);
	for (struct slot *slot = module.slots; slot; slot = slot->next) {
		if (token_present && !slot->present)
			continue;
		if (list && there < *count)
			list[there] = slot->id;
		there++;
	}
	pthread_mutex_unlock(&module.lock);
	if (list && there > *count)
		rv = CKR_BUFFER_TOO_SMALL;
	*count = there;
	return call_end(&call, rv);
}

CK_RV C_GetSlotInfo(CK_SLOT_ID id, CK_SLOT_INFO *info)
{
	struct call call;
	CK_RV rv = call_begin(&call, "C_GetSlotInfo");
	struct slot *slot = NULL;
	char text[64];

	if (rv == CKR_OK && !info)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		slot = slot_find(id);
		if (!slot)
			rv = CKR_SLOT_ID_INVALID;
	}
	if (rv == CKR_OK) {
		*info = (CK_SLOT_INFO){ .flags = CKF_HW_SLOT };
		info->flags |= token_present(slot) ? CKF_TOKEN_PRESENT : 0;
		snprintf(text, sizeof(text), "Crypto partition %04x, %s",
			 (unsigned int)slot->options.endpoint_id, slot->label);
		text_pad(info->slotDescription, sizeof(info->slotDescription), text);
		text_pad(info->manufacturerID, sizeof(info->manufacturerID), "TSTEE");
	}
	return call_end(&call, rv);
}

CK_RV C_GetTokenInfo(CK_SLOT_ID id, CK_TOKEN_INFO *info)
{
	struct call call;
	CK_RV rv = call_begin(&call, "C_GetTokenInfo");
	struct slot *slot = NULL;

	if (rv == CKR_OK && !info)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		slot = slot_find(id);
		if (!slot)
			rv = CKR_SLOT_ID_INVALID;
	}
	if (rv == CKR_OK && !token_present(slot))
		rv = CKR_TOKEN_NOT_PRESENT;
	if (rv != CKR_OK)
		return call_end(&call, rv);
	*info = (CK_TOKEN_INFO){
		/* Who may use the keys has been said by the kernel: there is nothing to log in to. */
		.flags = CKF_RNG | CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED,
		.ulMaxSessionCount = CK_EFFECTIVELY_INFINITE,
		.ulMaxRwSessionCount = CK_EFFECTIVELY_INFINITE,
		.ulMaxPinLen = 255,
		.ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION,
		.ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION,
		.ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION,
		.ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION,
	};
	text_pad(info->label, sizeof(info->label), slot->label);
	text_pad(info->manufacturerID, sizeof(info->manufacturerID), "TSTEE");
	text_pad(info->model, sizeof(info->model), "Secure partition");
	text_pad(info->serialNumber, sizeof(info->serialNumber), slot->serial);
	memset(info->utcTime, '0', sizeof(info->utcTime));
	pthread_mutex_lock(&module.lock);
	info->ulSessionCount = slot->session_count;
	info->ulRwSessionCount = slot->rw_session_count;
	pthread_mutex_unlock(&module.lock);
	return call_end(&call, rv);
}

/* Tokens neither come nor go by themselves. */
CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved)
{
	struct call call;
	CK_RV rv = call_begin(&call, "C_WaitForSlotEvent");

	if (rv == CKR_OK && (!slot || reserved))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK && flags & CKF_DONT_BLOCK)
		rv = CKR_NO_EVENT;
	if (rv == CKR_OK) {
		pthread_mutex_lock(&module.lock);
		while (!module.finalizing)
			pthread_cond_wait(&module.idle, &module.lock);
		pthread_mutex_unlock(&module.lock);
		rv = CKR_CRYPTOKI_NOT_INITIALIZED;
	}
	return call_end(&call, rv);
}

/*
 * CKR_OK if nothing is on the token. There is no PIN that would protect what this destroys: tstee
 * key rm does it by name.
 */
static CK_RV check_empty(struct slot *slot)
{
	struct tstee_crypto *before;
	CK_RV rv = slot_connect(slot);

	if (rv != CKR_OK)
		return rv == CKR_DEVICE_REMOVED ? CKR_TOKEN_NOT_PRESENT : rv;
	before = tstee_crypto_use(slot->crypto);
	pthread_mutex_lock(&slot->lock);
	rv = objects_refresh(slot);
	if (rv == CKR_OK && slot->objects) {
		trace("  the token has objects; 'tstee key rm' removes keys");
		rv = CKR_FUNCTION_NOT_SUPPORTED;
	}
	pthread_mutex_unlock(&slot->lock);
	(void)tstee_crypto_use(before);
	return rv;
}

/* An empty token is as good as initialized, which scripts for other tokens begin with. */
CK_RV C_InitToken(CK_SLOT_ID id, CK_UTF8CHAR *pin, CK_ULONG pin_len, CK_UTF8CHAR *label)
{
	struct call call;
	CK_RV rv = call_begin(&call, "C_InitToken");
	struct slot *slot = NULL;

	if (rv == CKR_OK && (!label || (pin_len && !pin)))
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		slot = slot_find(id);
		if (!slot)
			rv = CKR_SLOT_ID_INVALID;
	}
	if (rv == CKR_OK) {
		pthread_mutex_lock(&module.lock);
		if (slot->session_count)
			rv = CKR_SESSION_EXISTS;
		pthread_mutex_unlock(&module.lock);
	}
	if (rv == CKR_OK)
		rv = check_empty(slot);
	return call_end(&call, rv);
}
