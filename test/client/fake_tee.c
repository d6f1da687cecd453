// SPDX-License-Identifier: BSD-3-Clause
/*
 * An imitation of the TEE devices. One lock for all; it is registered for fork before the
 * library's, so that the library's locks come first.
 */
#include <errno.h>
#include <linux/tee.h>
#include <psa/error.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <tee_sys.h>
#include <time.h>
#include <tstee.h>
#include <tstee/secure_storage.h>
#include <tstee/ts_rpc.h>
#include <unistd.h>

#include "fake_tee.h"

#define FILES	256
#define BUFFERS 16
#define OBJECTS 8

struct fake_buffer {
	uint8_t *addr; /* the partition's view; NULL = free */
	size_t len;
	bool mapped; /* by the library */
	bool busy;
	void *client_addr;
	int fd;
};

struct fake_file {
	bool open;
	bool gone;
	pid_t opener;
	unsigned int device;
	uint32_t login, group;
	struct fake_buffer buffer[BUFFERS];
};

struct fake_object {
	uint64_t uid;
	uint32_t flags;
	size_t len;
	uint8_t data[SECURE_STORAGE_OBJECT_MAX];
};

struct fake_device fake_device[FAKE_DEVICES];

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fake_file files[FILES];
static struct fake_object objects[OBJECTS];
static struct fake_counts counts;
static atomic_ulong passed_ms;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	const int ret = __real_clock_gettime(clock, now);

	now->tv_sec += (time_t)(atomic_load(&passed_ms) / 1000);
	return ret;
}

void fake_pass_ms(unsigned int ms)
{
	passed_ms += ms;
}

#define RULE(condition)                                                                         \
	do {                                                                                    \
		if (!(condition)) {                                                             \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                \
		}                                                                               \
	} while (0)

static void fork_prepare(void)
{
	pthread_mutex_lock(&lock);
}

static void fork_done(void)
{
	pthread_mutex_unlock(&lock);
}

__attribute__((constructor(101))) static void register_atfork(void)
{
	pthread_atfork(fork_prepare, fork_done, fork_done);
}

void fake_reset(void)
{
	pthread_mutex_lock(&lock);
	memset((void *)fake_device, 0, sizeof(fake_device));
	memset(objects, 0, sizeof(objects));
	memset(&counts, 0, sizeof(counts));
	fake_device[0] = (struct fake_device){ .present = true,
					       .impl_id = TEE_IMPL_ID_OPTEE,
					       .driver = "optee" };
	fake_device[1] = (struct fake_device){ .present = true,
					       .impl_id = TS_RPC_TEE_IMPL_ID,
					       .endpoint_id = 0x8002,
					       .gen_caps = TEE_GEN_CAP_REG_MEM,
					       .service = "internal-trusted-storage",
					       .driver = "tstee",
					       .buffers_max = BUFFERS };
	pthread_mutex_unlock(&lock);
}

struct fake_counts fake_counts(void)
{
	struct fake_counts out;

	pthread_mutex_lock(&lock);
	out = counts;
	pthread_mutex_unlock(&lock);
	return out;
}

static bool all_zero(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i])
			return false;
	}
	return true;
}

bool fake_buffers_clean(void)
{
	bool clean = true;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < FILES; i++) {
		for (size_t k = 0; files[i].open && k < BUFFERS; k++) {
			struct fake_buffer *buffer = &files[i].buffer[k];

			if (buffer->addr && !buffer->busy)
				clean &= all_zero(buffer->addr, buffer->len);
		}
	}
	pthread_mutex_unlock(&lock);
	return clean;
}

void fake_device_replug(unsigned int index)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < FILES; i++) {
		if (files[i].open && files[i].device == index)
			files[i].gone = true;
	}
	pthread_mutex_unlock(&lock);
}

int tee_sys_driver(unsigned int index, char *name, size_t size)
{
	if (index >= FAKE_DEVICES || !fake_device[index].driver)
		return -ENOENT;
	snprintf(name, size, "%s", fake_device[index].driver);
	return 0;
}

int tee_sys_state(unsigned int index, char *state, size_t size)
{
	if (index >= FAKE_DEVICES || !fake_device[index].state)
		return -ENOENT;
	snprintf(state, size, "%s", fake_device[index].state);
	return 0;
}

int tee_sys_open(const char *path)
{
	unsigned int index;
	int fd;

	RULE(sscanf(path, "/dev/tee%u", &index) == 1);
	if (index >= FAKE_DEVICES || !fake_device[index].present)
		return -ENOENT;
	if (fake_device[index].open_err)
		return -fake_device[index].open_err;
	pthread_mutex_lock(&lock);
	fd = memfd_create("device", MFD_CLOEXEC);
	RULE(fd >= 0 && fd < FILES);
	memset(&files[fd], 0, sizeof(files[fd]));
	files[fd].open = true;
	files[fd].opener = getpid();
	files[fd].device = index;
	counts.opens++;
	counts.open_files++;
	pthread_mutex_unlock(&lock);
	return fd;
}

void tee_sys_close(int fd)
{
	pthread_mutex_lock(&lock);
	if (files[fd].open) {
		for (size_t i = 0; i < BUFFERS; i++) {
			struct fake_buffer *buffer = &files[fd].buffer[i];

			/* A fork amid an allocation may leave one to the child. */
			RULE(!buffer->mapped || files[fd].opener != getpid());
			if (buffer->addr)
				munmap(buffer->addr, buffer->len);
		}
		files[fd].open = false;
		counts.open_files--;
	}
	close(fd);
	pthread_mutex_unlock(&lock);
}

static struct fake_buffer *find_buffer(int fd, const void *addr)
{
	for (size_t i = 0; i < FILES; i++) {
		for (size_t k = 0; files[i].open && k < BUFFERS; k++) {
			struct fake_buffer *buffer = &files[i].buffer[k];

			if (buffer->addr && (addr ? buffer->client_addr == addr : buffer->fd == fd))
				return buffer;
		}
	}
	return NULL;
}

void *tee_sys_map(int fd, size_t len)
{
	struct fake_buffer *buffer;
	void *addr;

	pthread_mutex_lock(&lock);
	buffer = find_buffer(fd, NULL);
	RULE(buffer && len == buffer->len);
	addr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	RULE(addr != MAP_FAILED);
	buffer->client_addr = addr;
	buffer->mapped = true;
	buffer->fd = -1;
	counts.buffers++;
	pthread_mutex_unlock(&lock);
	return addr;
}

void tee_sys_unmap(void *addr, size_t len)
{
	struct fake_buffer *buffer;

	pthread_mutex_lock(&lock);
	buffer = find_buffer(-1, addr);
	RULE(buffer && buffer->mapped && buffer->len == len);
	munmap(buffer->addr, buffer->len);
	munmap(addr, len);
	memset(buffer, 0, sizeof(*buffer));
	counts.buffers--;
	pthread_mutex_unlock(&lock);
}

static int shm_alloc(struct fake_file *file, struct tee_ioctl_shm_alloc_data *data)
{
	size_t len = (data->size + 4095) / 4096 * 4096;
	unsigned int used = 0;

	RULE(!data->flags);
	for (size_t k = 0; k < FILES; k++) {
		for (size_t i = 0; files[k].open && files[k].device == file->device && i < BUFFERS;
		     i++)
			used += files[k].buffer[i].addr != NULL;
	}
	if (used >= fake_device[file->device].buffers_max) {
		counts.refusals++;
		fake_pass_ms(fake_device[file->device].wait_ms);
		return fake_device[file->device].share_err ? -fake_device[file->device].share_err :
							     -ENOSPC;
	}
	for (size_t i = 0; i < BUFFERS; i++) {
		struct fake_buffer *buffer = &file->buffer[i];

		if (buffer->addr)
			continue;
		buffer->fd = memfd_create("buffer", MFD_CLOEXEC);
		RULE(buffer->fd >= 0 && !ftruncate(buffer->fd, (off_t)len));
		buffer->addr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, buffer->fd, 0);
		RULE(buffer->addr != MAP_FAILED);
		buffer->len = len;
		data->size = len;
		data->id = (int32_t)i + 1;
		counts.allocs++;
		return buffer->fd;
	}
	return -ENOSPC;
}

static int open_session(struct fake_file *file, struct tee_ioctl_buf_data *data)
{
	struct tee_ioctl_open_session_arg *arg = (void *)(uintptr_t)data->buf_ptr;
	const struct fake_device *device = &fake_device[file->device];
	struct tstee_uuid uuid;

	/* The one thing that a client must never do. */
	RULE(device->impl_id == TS_RPC_TEE_IMPL_ID);
	RULE(data->buf_len == sizeof(*arg) && !arg->num_params);
	while (device->stuck) {
		pthread_mutex_unlock(&lock);
		usleep(1000);
		pthread_mutex_lock(&lock);
	}
	if (device->session_err)
		return -device->session_err;
	RULE(!tstee_service_parse(device->service, &uuid));
	if (memcmp(uuid.bytes, arg->uuid, sizeof(uuid.bytes)) != 0)
		return -ENODEV;
	file->login = arg->clnt_login;
	memcpy(&file->group, arg->clnt_uuid, sizeof(file->group));
	arg->session = device->gen_caps ? 1 : 0; /* Linux's own driver begins with 0 */
	counts.sessions++;
	return 0;
}

static struct fake_object *find_object(uint64_t uid)
{
	for (size_t i = 0; i < OBJECTS; i++) {
		if (objects[i].uid == uid)
			return &objects[i];
	}
	return NULL;
}

static int32_t store_set(const uint8_t *req, size_t req_len)
{
	struct fake_object *object;
	struct secure_storage_set set;

	memcpy(&set, req, sizeof(set));
	RULE(req_len == sizeof(set) + set.data_length);
	object = find_object(set.uid);
	if (object && object->flags & SECURE_STORAGE_FLAG_WRITE_ONCE)
		return PSA_ERROR_NOT_PERMITTED;
	if (!object)
		object = find_object(0);
	if (!object)
		return PSA_ERROR_INSUFFICIENT_STORAGE;
	object->uid = set.uid;
	object->flags = set.create_flags;
	object->len = set.data_length;
	memcpy(object->data, req + sizeof(set), object->len);
	return PSA_SUCCESS;
}

static int32_t store_get(const uint8_t *req, uint8_t *resp, size_t size, size_t *resp_len)
{
	struct secure_storage_get get;
	struct fake_object *object;
	size_t len;

	memcpy(&get, req, sizeof(get));
	object = find_object(get.uid);
	if (!object)
		return PSA_ERROR_DOES_NOT_EXIST;
	if (get.data_offset > object->len)
		return PSA_ERROR_INVALID_ARGUMENT;
	len = object->len - get.data_offset;
	if (len > get.data_size)
		len = get.data_size;
	RULE(len <= size);
	memcpy(resp, object->data + get.data_offset, len);
	*resp_len = len;
	return PSA_SUCCESS;
}

static int32_t store_info(const uint8_t *req, uint8_t *resp, size_t *resp_len)
{
	struct secure_storage_object which;
	struct secure_storage_info info;
	struct fake_object *object;

	memcpy(&which, req, sizeof(which));
	object = find_object(which.uid);
	if (!object)
		return PSA_ERROR_DOES_NOT_EXIST;
	info = (struct secure_storage_info){ object->len, object->len, object->flags };
	memcpy(resp, &info, sizeof(info));
	*resp_len = sizeof(info);
	return PSA_SUCCESS;
}

static int32_t store_remove(const uint8_t *req)
{
	struct secure_storage_object which;
	struct fake_object *object;

	memcpy(&which, req, sizeof(which));
	object = find_object(which.uid);
	if (!object)
		return PSA_ERROR_DOES_NOT_EXIST;
	if (object->flags & SECURE_STORAGE_FLAG_WRITE_ONCE)
		return PSA_ERROR_NOT_PERMITTED;
	memset(object, 0, sizeof(*object));
	return PSA_SUCCESS;
}

static int32_t storage(uint32_t opcode, const uint8_t *req, size_t req_len, uint8_t *resp,
		       size_t size, size_t *resp_len)
{
	switch (opcode) {
	case SECURE_STORAGE_SET:
		return store_set(req, req_len);
	case SECURE_STORAGE_GET:
		return store_get(req, resp, size, resp_len);
	case SECURE_STORAGE_GET_INFO:
		return store_info(req, resp, resp_len);
	default:
		return store_remove(req);
	}
}

/* Reads a private copy of the request, writes the response over the shared one. */
static int32_t serve(const struct fake_file *file, uint32_t opcode, const uint8_t *req,
		     size_t req_len, uint8_t *resp, size_t size, size_t *resp_len)
{
	const struct admin_pool *pool = &fake_device[file->device].pool;
	uint32_t word;

	if (pool->name[0] && opcode == ADMIN_USAGE) {
		memcpy(resp, pool, sizeof(*pool));
		*resp_len = sizeof(*pool);
		return 0;
	}
	switch (opcode) {
	case FAKE_ECHO:
		memcpy(resp, req, req_len);
		*resp_len = req_len;
		return (int32_t)req_len;
	case FAKE_LOGIN:
		memcpy(resp, &file->login, 4);
		memcpy(resp + 4, &file->group, 4);
		*resp_len = 8;
		return 0;
	case FAKE_LENGTH:
		memcpy(&word, req, sizeof(word));
		memset(resp, 0xa5, word < size ? word : size);
		*resp_len = word;
		return 0;
	default:
		return storage(opcode, req, req_len, resp, size, resp_len);
	}
}

static int invoke(struct fake_file *file, struct tee_ioctl_buf_data *data)
{
	struct tee_ioctl_invoke_arg *arg = (void *)(uintptr_t)data->buf_ptr;
	const struct fake_device *device = &fake_device[file->device];
	struct tee_ioctl_param *param = arg->params;
	struct fake_buffer *buffer;
	size_t resp_len = 0;
	uint8_t *req;

	RULE(data->buf_len == sizeof(*arg) + sizeof(*param) && arg->num_params == 1);
	RULE(param->attr == TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT && !param->c);
	RULE(arg->session == (device->gen_caps ? 1 : 0));
	counts.invokes++;
	if (device->invoke_err)
		return -device->invoke_err;
	if (!param->a) {
		RULE(!param->b);
		arg->ret = 0;
		return 0;
	}
	buffer = &file->buffer[param->a - 1];
	RULE(buffer->addr && !buffer->busy && param->b <= buffer->len);
	RULE(all_zero(buffer->addr + param->b, buffer->len - param->b));
	req = malloc(param->b + 1);
	RULE(req);
	memcpy(req, buffer->addr, param->b);
	buffer->busy = true;
	pthread_mutex_unlock(&lock);
	usleep(param->b % 50); /* others may come */
	pthread_mutex_lock(&lock);
	buffer->busy = false;
	arg->ret = (uint32_t)serve(file, arg->func, req, param->b, buffer->addr, buffer->len,
				   &resp_len);
	if (device->status && arg->func >= SECURE_STORAGE_SET)
		arg->ret = (uint32_t)device->status;
	free(req);
	param->a = resp_len;
	return 0;
}

static int file_ioctl(struct fake_file *file, unsigned long request, void *arg)
{
	const struct fake_device *device = &fake_device[file->device];
	struct tee_ioctl_version_data *version = arg;

	RULE(file->open && file->opener == getpid());
	if (file->gone)
		return -ENODEV;
	switch (request) {
	case TEE_IOC_VERSION:
		version->impl_id = device->impl_id;
		version->impl_caps = device->endpoint_id;
		version->gen_caps = device->gen_caps;
		return 0;
	case TEE_IOC_OPEN_SESSION:
		return open_session(file, arg);
	case TEE_IOC_SHM_ALLOC:
		return shm_alloc(file, arg);
	case TEE_IOC_INVOKE:
		return invoke(file, arg);
	default:
		return -EINVAL;
	}
}

int tee_sys_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	pthread_mutex_lock(&lock);
	ret = file_ioctl(&files[fd], request, arg);
	pthread_mutex_unlock(&lock);
	return ret;
}
