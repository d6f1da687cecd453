// SPDX-License-Identifier: BSD-3-Clause
/*
 * The module's beginning and end, and those of each call. Owns struct module.
 *
 * Whose the state is says module_pid: a child of fork() finds another process's there. It may be
 * in any order then, with locks that nobody will open, so that the child begins anew and leaves it.
 * Calls look at a byte that is zero in a child, instead of asking the system who they are.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "module.h"

/* A process that is about to begin anew; no process has this ID. */
#define PID_CHANGING (-1)

#define MODULE_NEW                                                                       \
	(struct module)                                                                  \
	{                                                                                \
		.lock = PTHREAD_MUTEX_INITIALIZER, .looking = PTHREAD_MUTEX_INITIALIZER, \
		.idle = PTHREAD_COND_INITIALIZER,                                        \
	}

struct module module = MODULE_NEW;

/* 0: nobody's. */
static _Atomic pid_t module_pid;

/* What the parent had, so that it isn't taken for lost. */
static __attribute__((used)) struct module abandoned;

/* Alone in a page that fork() wipes; NULL: Linux has none (before 4.14), or it isn't needed yet. */
static _Atomic(atomic_bool *) mine_mark;

static bool is_mine(void)
{
	atomic_bool *mark = atomic_load_explicit(&mine_mark, memory_order_acquire);

	if (mark)
		return atomic_load_explicit(mark, memory_order_acquire);
	return atomic_load(&module_pid) == getpid();
}

/* By who has the state, before others see that. */
static void mark_mine(void)
{
	atomic_bool *mark = atomic_load(&mine_mark);
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);

	if (!mark) {
		mark = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (mark == MAP_FAILED)
			return;
		if (madvise(mark, size, MADV_WIPEONFORK)) {
			(void)munmap(mark, size);
			return;
		}
	}
	atomic_store_explicit(mark, true, memory_order_release);
	atomic_store_explicit(&mine_mark, mark, memory_order_release);
}

/* Makes the state this process's. */
static void take_over(void)
{
	const pid_t mine = getpid();
	pid_t whose;

	while ((whose = atomic_load(&module_pid)) != mine) {
		if (whose == PID_CHANGING) {
			sched_yield();
			continue;
		}
		if (!atomic_compare_exchange_strong(&module_pid, &whose, PID_CHANGING))
			continue;
		if (whose) {
			abandoned = module;
			module = MODULE_NEW;
		}
		mark_mine();
		atomic_store(&module_pid, mine);
	}
}

/* The module's lock is taken once at a call's beginning, and once at its end. */
static CK_RV begin(struct call *call, const char *name, const CK_SESSION_HANDLE *handle)
{
	bool there;

	*call = (struct call){ .name = name };
	if (trace_on())
		clock_gettime(CLOCK_MONOTONIC, &call->begin);
	if (!is_mine())
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	pthread_mutex_lock(&module.lock);
	there = module.initialized && !module.finalizing;
	if (there) {
		module.calls++;
		if (handle)
			call->session = session_hold(*handle);
	}
	pthread_mutex_unlock(&module.lock);
	if (!there) {
		call->name = NULL;
		return trace_result(name, CKR_CRYPTOKI_NOT_INITIALIZED);
	}
	return handle && !call->session ? CKR_SESSION_HANDLE_INVALID : CKR_OK;
}

CK_RV call_begin(struct call *call, const char *name)
{
	return begin(call, name, NULL);
}

CK_RV call_begin_session(struct call *call, const char *name, CK_SESSION_HANDLE handle)
{
	CK_RV rv = begin(call, name, &handle);

	if (rv != CKR_OK)
		return rv;
	pthread_mutex_lock(&call->session->lock);
	call->before = tstee_crypto_use(call->session->slot->crypto);
	return CKR_OK;
}

CK_RV call_end(struct call *call, CK_RV rv)
{
	if (!call->name || !is_mine())
		return rv;
	if (call->session) {
		pthread_mutex_unlock(&call->session->lock);
		(void)tstee_crypto_use(call->before);
	}
	trace_call(call, rv);
	pthread_mutex_lock(&module.lock);
	if (call->session && session_unhold(call->session)) {
		pthread_mutex_unlock(&module.lock);
		session_free(call->session);
		pthread_mutex_lock(&module.lock);
	}
	if (!--module.calls && module.finalizing)
		pthread_cond_broadcast(&module.idle);
	pthread_mutex_unlock(&module.lock);
	return rv;
}

static CK_RV check_arguments(const CK_C_INITIALIZE_ARGS *args)
{
	int functions;

	if (!args)
		return CKR_OK;
	functions = !!args->CreateMutex + !!args->DestroyMutex + !!args->LockMutex +
		    !!args->UnlockMutex;
	if (args->pReserved || (functions != 0 && functions != 4))
		return CKR_ARGUMENTS_BAD;
	/* Only those of the system. */
	if (functions && !(args->flags & CKF_OS_LOCKING_OK))
		return CKR_CANT_LOCK;
	return CKR_OK;
}

CK_RV C_Initialize(void *init_args)
{
	CK_RV rv = check_arguments(init_args);

	trace_init();
	if (rv != CKR_OK)
		return rv;
	take_over();
	pthread_mutex_lock(&module.lock);
	if (module.initialized)
		rv = CKR_CRYPTOKI_ALREADY_INITIALIZED;
	module.initialized = true;
	pthread_mutex_unlock(&module.lock);
	return trace_result("C_Initialize", rv);
}

CK_RV C_Finalize(void *reserved)
{
	CK_RV rv = CKR_OK;

	if (reserved)
		return CKR_ARGUMENTS_BAD;
	if (!is_mine())
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	pthread_mutex_lock(&module.lock);
	if (!module.initialized || module.finalizing) {
		rv = CKR_CRYPTOKI_NOT_INITIALIZED;
	} else {
		module.finalizing = true;
		/* Who waits for a slot's event. */
		pthread_cond_broadcast(&module.idle);
		while (module.calls)
			pthread_cond_wait(&module.idle, &module.lock);
	}
	pthread_mutex_unlock(&module.lock);
	if (rv == CKR_OK) {
		sessions_free();
		slots_free();
		pthread_mutex_lock(&module.lock);
		free(module.sessions.list);
		free(module.objects.list);
		module.sessions = (struct handles){ 0 };
		module.objects = (struct handles){ 0 };
		module.initialized = false;
		module.finalizing = false;
		pthread_mutex_unlock(&module.lock);
	}
	return trace_result("C_Finalize", rv);
}

void text_pad(CK_UTF8CHAR *to, size_t size, const char *text)
{
	size_t len = strlen(text);

	memset(to, ' ', size);
	memcpy(to, text, len < size ? len : size);
}

CK_RV C_GetInfo(CK_INFO *info)
{
	struct call call;
	CK_RV rv = call_begin(&call, "C_GetInfo");

	if (rv == CKR_OK && !info)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK) {
		*info = (CK_INFO){ .cryptokiVersion = { 3, 0 }, .libraryVersion = { 0, 1 } };
		text_pad(info->manufacturerID, sizeof(info->manufacturerID), "TSTEE");
		text_pad(info->libraryDescription, sizeof(info->libraryDescription),
			 "Keys in secure partitions");
	}
	return call_end(&call, rv);
}

CK_ULONG handles_add(struct handles *handles, void *thing)
{
	if (handles->count == handles->size) {
		size_t size = handles->size ? 2 * handles->size : 64;
		struct handle *list = realloc(handles->list, size * sizeof(*list));

		if (!list)
			return CK_INVALID_HANDLE;
		handles->list = list;
		handles->size = size;
	}
	handles->list[handles->count++] =
		(struct handle){ .handle = ++handles->last, .thing = thing };
	return handles->last;
}

static size_t handles_index(const struct handles *handles, CK_ULONG handle)
{
	size_t low = 0, high = handles->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (handles->list[middle].handle < handle)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void *handles_find(const struct handles *handles, CK_ULONG handle)
{
	size_t i = handles_index(handles, handle);

	return i < handles->count && handles->list[i].handle == handle ? handles->list[i].thing :
									 NULL;
}

void handles_remove(struct handles *handles, CK_ULONG handle)
{
	size_t i = handles_index(handles, handle);

	if (i == handles->count || handles->list[i].handle != handle)
		return;
	memmove(&handles->list[i], &handles->list[i + 1],
		(--handles->count - i) * sizeof(handles->list[0]));
}

bool bytes_add(struct bytes *bytes, const void *data, size_t len)
{
	if (len > SIZE_MAX / 2 - bytes->len)
		return false;
	if (bytes->len + len > bytes->size || !bytes->data) {
		size_t size = 2 * (bytes->len + len) + 16;
		uint8_t *grown = malloc(size);

		if (!grown)
			return false;
		if (bytes->len)
			memcpy(grown, bytes->data, bytes->len);
		if (bytes->data)
			explicit_bzero(bytes->data, bytes->size);
		free(bytes->data);
		bytes->data = grown;
		bytes->size = size;
	}
	if (len)
		memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
	return true;
}

void bytes_free(struct bytes *bytes)
{
	if (bytes->data)
		explicit_bzero(bytes->data, bytes->size);
	free(bytes->data);
	*bytes = (struct bytes){ 0 };
}
