// SPDX-License-Identifier: BSD-3-Clause
/*
 * The world's kernel with the driver in it, on an imitation of what is behind the conduit
 * (kernel_spm.h): the TEE core's checks and errors, and the life of what clients hold.
 */
#include "cmocka_all.h"
#include "kernel_spm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tee.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <tstee/client_id.h>
#include <unistd.h>
#include <world/linux/kernel.h>
#include <world/ram.h>

#define PAGE_LEN      4096
#define THREADS	      4
#define THREAD_CALLS  200
#define WAIT_US	      2000
#define WAIT_ATTEMPTS 2000
#define NO_SESSION    UINT32_MAX

struct client {
	struct tee_file *file;
	uint32_t session;
};

struct buffer {
	int id;
	int fd;
	size_t len;
	uint8_t *data;
};

static struct client connect_to(unsigned int device)
{
	struct client client = { .session = NO_SESSION };

	assert_int_equal(tee_file_open(device, &client.file), 0);
	return client;
}

static long control(struct client *client, uint32_t cmd, void *arg, size_t arg_len)
{
	struct tee_file_call call = { .cmd = cmd, .arg_len = (uint32_t)arg_len, .fd = -1 };
	long rc;

	memcpy(call.arg, arg, arg_len);
	rc = tee_file_ioctl(client->file, &call);
	if (call.arg_written)
		memcpy(arg, call.arg, arg_len);
	return rc ? rc : call.fd;
}

/* An ioctl whose argument is of variable length; says it is @said_len long. */
static long control_buf(struct client *client, uint32_t cmd, void *buf, size_t len, size_t said_len)
{
	struct tee_ioctl_buf_data data = { .buf_ptr = (uintptr_t)buf, .buf_len = said_len };
	struct tee_file_call call = {
		.cmd = cmd,
		.arg_len = sizeof(data),
		.buf_len = (uint32_t)len,
		.fd = -1,
	};
	long rc;

	memcpy(call.arg, &data, sizeof(data));
	memcpy(call.buf, buf, len);
	rc = tee_file_ioctl(client->file, &call);
	assert_false(call.arg_written);
	assert_true(!call.buf_written || !rc);
	if (call.buf_written)
		memcpy(buf, call.buf, len);
	return rc;
}

static long open_session_as(struct client *client, uint32_t login, uint32_t gid)
{
	struct tee_ioctl_open_session_arg arg = { .clnt_login = login };
	long rc;

	memcpy(arg.uuid, spm_service_uuid, sizeof(arg.uuid));
	memcpy(arg.clnt_uuid, &gid, sizeof(gid));
	rc = control_buf(client, TEE_IOC_OPEN_SESSION, &arg, sizeof(arg), sizeof(arg));
	if (!rc)
		client->session = arg.session;
	return rc;
}

static void open_session(struct client *client)
{
	assert_int_equal(open_session_as(client, TEE_IOCTL_LOGIN_PUBLIC, 0), 0);
}

struct invoke {
	struct tee_ioctl_invoke_arg arg;
	struct tee_ioctl_param param;
};

static long invoke(struct client *client, uint32_t func, int id, uint64_t len,
		   struct invoke *result)
{
	struct invoke message = {
		.arg = { .func = func, .session = client->session, .num_params = 1 },
		.param = { .attr = TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT,
			   .a = (uint64_t)id,
			   .b = len },
	};
	long rc;

	rc = control_buf(client, TEE_IOC_INVOKE, &message, sizeof(message), sizeof(message));
	if (result)
		*result = message;
	return rc;
}

static long try_alloc(struct client *client, size_t len, struct buffer *buffer)
{
	struct tee_ioctl_shm_alloc_data data = { .size = len };
	long fd;

	fd = control(client, TEE_IOC_SHM_ALLOC, &data, sizeof(data));
	if (fd < 0)
		return fd;

	*buffer = (struct buffer){ .id = data.id, .fd = (int)fd, .len = data.size };
	buffer->data = mmap(NULL, buffer->len, PROT_READ | PROT_WRITE, MAP_SHARED, buffer->fd, 0);
	assert_true(buffer->data != MAP_FAILED);
	return 0;
}

static struct buffer alloc(struct client *client, size_t len)
{
	struct buffer buffer;

	assert_int_equal(try_alloc(client, len, &buffer), 0);
	return buffer;
}

static void buffer_free(struct buffer *buffer)
{
	munmap(buffer->data, buffer->len);
	close(buffer->fd);
}

/* What a client does before each call; nothing else. */
static void touch(struct client *client)
{
	struct tee_ioctl_version_data version = {};

	assert_int_equal(control(client, TEE_IOC_VERSION, &version, sizeof(version)), -1);
}

static void attribute_is(unsigned int device, const char *name, const char *expected)
{
	char text[128] = {};

	assert_int_equal(world_attribute(device, name, text, sizeof(text) - 1), strlen(expected));
	assert_string_equal(text, expected);
}

static void wait_until(unsigned int (*count)(void), unsigned int expected)
{
	for (int i = 0; i < WAIT_ATTEMPTS && count() != expected; i++)
		usleep(WAIT_US);
	assert_int_equal(count(), expected);
}

static int start(void **state)
{
	(void)state;
	return world_kernel_start();
}

static int stop(void **state)
{
	(void)state;
	world_kernel_stop();
	return spm_shared();
}

static void partitions_of_our_kind_are_devices(void **state)
{
	struct tee_ioctl_version_data version = {};
	struct world_device_info info;
	struct client client = connect_to(1);
	struct tee_file *file;
	char text[8];

	(void)state;
	assert_true(world_device(0, &info));
	assert_int_equal(info.endpoint_id, SPM_FIRST_ENDPOINT);
	assert_false(world_device(2, &info));
	assert_int_equal(tee_file_open(2, &file), -ENOENT);

	assert_int_equal(control(&client, TEE_IOC_VERSION, &version, sizeof(version)), -1);
	assert_int_equal(version.impl_id, 3);
	assert_int_equal(version.impl_caps, SPM_SECOND_ENDPOINT);
	assert_int_equal(version.gen_caps, TEE_GEN_CAP_REG_MEM);
	tee_file_release(client.file);

	attribute_is(0, "driver", "tstee");
	attribute_is(0, "endpoint_id", "0x8002\n");
	attribute_is(0, "rpc_version", "1\n");
	attribute_is(1, "state", "running\n");
	attribute_is(1, "modalias", "arm_ffa:8003:bdcd76d7-825e-4751-963b-86d4f84943ac");
	assert_int_equal(world_attribute(0, "nothing", text, sizeof(text)), -ENOENT);
	assert_int_equal(world_attribute(2, "state", text, sizeof(text)), -ENOENT);
	assert_int_equal(world_attribute(1, "uuid", text, sizeof(text)), -ENOBUFS);
}

/* Whichever of them is bound; the second one of a kind finds the partition taken. */
static void partition_of_several_uuids_is_one_device(void **state)
{
	static const char first[] = "arm-ffa-3", other[] = "arm-ffa-4", again[] = "arm-ffa-5";
	struct world_device_info info;
	struct client client;

	(void)state;
	assert_false(world_device(2, &info));
	assert_int_equal(world_bind(first, true), -ENODEV);
	assert_int_equal(world_bind(other, true), -ENODEV);
	assert_int_equal(world_bind(again, true), -ENODEV);
	assert_int_equal(world_bind(again, false), -ENODEV);
	assert_int_equal(world_bind("arm-ffa-6", true), -ENODEV);
	client = connect_to(1);
	open_session(&client);
	tee_file_release(client.file);

	for (int i = 0; i < 3; i++) {
		assert_int_equal(world_bind(i % 2 ? again : first, false), 0);
		assert_false(world_device(1, &info));
		assert_int_equal(world_bind(i % 2 ? first : again, true), 0);
		assert_int_equal(world_bind(i % 2 ? again : first, true), -ENODEV);
		assert_true(world_device(1, &info));
		assert_int_equal(info.endpoint_id, SPM_SECOND_ENDPOINT);
		assert_false(world_device(2, &info));
		client = connect_to(1);
		open_session(&client);
		tee_file_release(client.file);
	}
	assert_int_equal(world_bind(again, false), 0);
	assert_int_equal(world_bind(first, true), 0);
}

static void service_is_called_with_a_buffer(void **state)
{
	struct client client = connect_to(0);
	struct buffer buffer;
	struct invoke result;

	(void)state;
	open_session(&client);
	assert_int_equal(client.session, 1);
	buffer = alloc(&client, 5000);
	assert_int_equal(buffer.id, 1);
	assert_int_equal(buffer.len, 2 * PAGE_LEN);
	assert_int_equal(spm_mapped(), 1);

	buffer.data[4999] = 0x5a;
	assert_int_equal(invoke(&client, SPM_INVERT, buffer.id, 5000, &result), 0);
	assert_int_equal(result.param.a, 5000);
	assert_int_equal(result.arg.ret, 0);
	assert_int_equal(buffer.data[0], 0xff);
	assert_int_equal(buffer.data[4999], 0xa5);
	assert_int_equal(invoke(&client, SPM_LONG_ANSWER, buffer.id, 0, NULL), -EMSGSIZE);

	buffer_free(&buffer);
	tee_file_release(client.file);
	wait_until(spm_shared, 0);
}

static void buffer_is_gone_for_the_call_after_its_last_unmap(void **state)
{
	struct client client = connect_to(0);
	struct buffer buffer;

	(void)state;
	for (int i = 0; i < 100; i++) {
		buffer = alloc(&client, PAGE_LEN);
		assert_int_equal(buffer.id, 1);
		close(buffer.fd);
		touch(&client);
		assert_int_equal(spm_mapped(), 1);
		munmap(buffer.data, buffer.len);
		touch(&client);
		assert_int_equal(spm_mapped(), 0);
	}
	tee_file_release(client.file);
}

/* The kernel has one thread that is not in the child: that only waits. */
static void buffer_lives_with_the_child_that_maps_it(void **state)
{
	struct client client = connect_to(0);
	struct buffer buffer = alloc(&client, PAGE_LEN);
	pid_t child;

	(void)state;
	child = fork();
	if (!child)
		for (;;)
			pause();
	buffer_free(&buffer);
	touch(&client);
	assert_int_equal(spm_mapped(), 1);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	touch(&client);
	assert_int_equal(spm_mapped(), 0);
	tee_file_release(client.file);
}

static void other_open_files_of_a_buffer_do_not_matter(void **state)
{
	struct client client = connect_to(0);
	struct buffer buffer = alloc(&client, PAGE_LEN);
	char path[32];
	int fd;

	(void)state;
	/* The client's own, by way of /proc: its end is an event, too. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", buffer.fd);
	for (int flags = O_RDONLY; flags <= O_RDWR; flags++) {
		fd = open(path, flags);
		assert_true(fd >= 0);
		close(fd);
		touch(&client);
		assert_int_equal(spm_mapped(), 1);
	}
	close(dup(buffer.fd));
	touch(&client);
	assert_int_equal(spm_mapped(), 1);

	buffer_free(&buffer);
	touch(&client);
	assert_int_equal(spm_mapped(), 0);
	tee_file_release(client.file);
}

static void buffer_holds_its_context_and_goes_without_a_call(void **state)
{
	struct client client = connect_to(0);
	struct buffer buffer = alloc(&client, PAGE_LEN);

	(void)state;
	tee_file_release(client.file);
	assert_int_equal(spm_mapped(), 1);
	buffer_free(&buffer);
	wait_until(spm_shared, 0);
}

static void buffer_belongs_to_its_context(void **state)
{
	struct client owner = connect_to(0), other = connect_to(0);
	struct buffer buffer = alloc(&owner, PAGE_LEN);

	(void)state;
	open_session(&owner);
	open_session(&other);
	assert_int_equal(invoke(&owner, SPM_INVERT, buffer.id, 1, NULL), 0);
	assert_int_equal(invoke(&other, SPM_INVERT, buffer.id, 1, NULL), -EINVAL);
	assert_int_equal(invoke(&owner, SPM_INVERT, buffer.id + 1, 1, NULL), -EINVAL);
	assert_int_equal(invoke(&owner, SPM_INVERT, buffer.id, PAGE_LEN + 1, NULL), -EINVAL);
	buffer_free(&buffer);
	assert_int_equal(invoke(&owner, SPM_INVERT, buffer.id, 1, NULL), -EINVAL);
	tee_file_release(owner.file);
	tee_file_release(other.file);
}

static void bad_arguments_have_linux_error_codes(void **state)
{
	struct client client = connect_to(0);
	struct tee_ioctl_shm_alloc_data shm = { .size = PAGE_LEN, .flags = 1 };
	struct tee_ioctl_cancel_arg cancel = {};
	struct tee_ioctl_close_session_arg close_arg = { .session = 7 };
	struct tee_file_call call = { .cmd = TEE_IOC_SHM_ALLOC, .arg_fault = true, .fd = -1 };
	struct invoke message = { .arg = { .func = SPM_WHO, .num_params = 1 } };
	struct buffer buffer;
	char byte = 0;

	(void)state;
	open_session(&client);
	assert_int_equal(control(&client, TEE_IOC_SHM_ALLOC, &shm, sizeof(shm)), -EINVAL);
	assert_int_equal(control(&client, TEE_IOC_SHM_ALLOC, &shm, 4), -EFAULT);
	assert_int_equal(try_alloc(&client, 0, &buffer), -EINVAL);
	assert_int_equal(try_alloc(&client, SIZE_MAX, &buffer), -ENOMEM);
	assert_int_equal(try_alloc(&client, (4u << 20) + 1, &buffer), -ENOMEM);
	assert_int_equal(tee_file_ioctl(client.file, &call), -EFAULT);
	call.cmd = TEE_IOC_VERSION;
	assert_int_equal(tee_file_ioctl(client.file, &call), -EFAULT);

	assert_int_equal(control(&client, TEE_IOC_CANCEL, &cancel, sizeof(cancel)), -EINVAL);
	assert_int_equal(control(&client, TEE_IOC_CLOSE_SESSION, &close_arg, sizeof(close_arg)),
			 -EINVAL);
	assert_int_equal(control(&client, TEE_IOC_SUPPL_RECV, &byte, 1), -EINVAL);
	assert_int_equal(control(&client, 0x1234, &byte, 1), -EINVAL);

	/* Lengths: said too long, too short, not that of the parameters; and not there. */
	message.arg.session = client.session;
	message.param.attr = TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT;
	assert_int_equal(control_buf(&client, TEE_IOC_INVOKE, &message, sizeof(message), 1025),
			 -EINVAL);
	assert_int_equal(control_buf(&client, TEE_IOC_INVOKE, &message, sizeof(message), 23),
			 -EINVAL);
	assert_int_equal(control_buf(&client, TEE_IOC_INVOKE, &message, sizeof(message),
				     sizeof(message) - 1),
			 -EINVAL);
	assert_int_equal(control_buf(&client, TEE_IOC_INVOKE, &message, sizeof(message) - 1,
				     sizeof(message)),
			 -EFAULT);
	assert_int_equal(control_buf(&client, TEE_IOC_INVOKE, &message, 23, sizeof(message)),
			 -EFAULT);

	message.param.attr = 0x200 | TEE_IOCTL_PARAM_ATTR_TYPE_VALUE_INOUT;
	assert_int_equal(
		control_buf(&client, TEE_IOC_INVOKE, &message, sizeof(message), sizeof(message)),
		-EINVAL);
	message.param.attr = TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INPUT;
	message.param.c = TEE_MEMREF_NULL;
	assert_int_equal(
		control_buf(&client, TEE_IOC_INVOKE, &message, sizeof(message), sizeof(message)),
		-EINVAL);
	message.param.attr = TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INPUT + 5;
	assert_int_equal(
		control_buf(&client, TEE_IOC_INVOKE, &message, sizeof(message), sizeof(message)),
		-EINVAL);

	/* A memref is looked up, and let go again when the driver does not want it. */
	buffer = alloc(&client, PAGE_LEN);
	message.param = (struct tee_ioctl_param){
		.attr = TEE_IOCTL_PARAM_ATTR_TYPE_MEMREF_INOUT,
		.a = PAGE_LEN,
		.c = (uint64_t)buffer.id,
	};
	for (uint64_t b = 0; b < 2; b++) {
		message.param.b = b ? UINT64_MAX - 5 : 0;
		assert_int_equal(control_buf(&client, TEE_IOC_INVOKE, &message, sizeof(message),
					     sizeof(message)),
				 -EINVAL);
	}
	buffer_free(&buffer);
	touch(&client);
	assert_int_equal(spm_shared(), 0);
	tee_file_release(client.file);
}

static bool is_killed(struct world_task *task)
{
	(void)task;
	return true;
}

static void client_is_who_the_task_is(void **state)
{
	static const gid_t groups[] = { 20, 30 };
	struct world_task task = { .euid = 1000, .egid = 10, .groups = groups, .group_count = 2 };
	struct client client = connect_to(0);
	struct invoke result;

	(void)state;
	world_set_task(&task);
	assert_int_equal(open_session_as(&client, TEE_IOCTL_LOGIN_USER, 0), 0);
	assert_int_equal(invoke(&client, SPM_WHO, 0, 0, &result), 0);
	assert_int_equal(result.arg.ret, tstee_client_id_user(1000));

	assert_int_equal(open_session_as(&client, TEE_IOCTL_LOGIN_GROUP, 10), 0);
	assert_int_equal(open_session_as(&client, TEE_IOCTL_LOGIN_GROUP, 30), 0);
	assert_int_equal(invoke(&client, SPM_WHO, 0, 0, &result), 0);
	assert_int_equal(result.arg.ret, tstee_client_id_group(30));
	assert_int_equal(open_session_as(&client, TEE_IOCTL_LOGIN_GROUP, 40), -EPERM);
	assert_int_equal(open_session_as(&client, TEE_IOCTL_LOGIN_GROUP, (uint32_t)-1), -EPERM);

	assert_int_equal(open_session_as(&client, TEE_IOCTL_LOGIN_REE_KERNEL, 0), -EPERM);
	assert_int_equal(open_session_as(&client, TEE_IOCTL_LOGIN_APPLICATION, 0), -EOPNOTSUPP);
	world_set_task(NULL);
	tee_file_release(client.file);
}

static void public_login_can_be_made_the_users(void **state)
{
	struct world_task task = { .euid = 1000, .egid = 10 };
	struct client client = connect_to(0);
	struct invoke result;

	(void)state;
	world_set_task(&task);
	assert_int_equal(world_set_parameter("public_is_user", "2"), -EINVAL);
	assert_int_equal(world_set_parameter("public_is_user", "1"), 0);
	open_session(&client);
	assert_int_equal(invoke(&client, SPM_WHO, 0, 0, &result), 0);
	assert_int_equal(result.arg.ret, tstee_client_id_user(1000));
	assert_int_equal(world_set_parameter("public_is_user", "0"), 0);
	open_session(&client);
	assert_int_equal(invoke(&client, SPM_WHO, 0, 0, &result), 0);
	assert_int_equal(result.arg.ret, TSTEE_CLIENT_ID_PUBLIC);
	world_set_task(NULL);
	tee_file_release(client.file);
}

static void counters_of_others_calls_are_roots(void **state)
{
	struct world_task task = { .euid = 1000, .egid = 10 };
	char text[32];

	(void)state;
	assert_true(world_attribute(0, "calls", text, sizeof(text)) > 0);
	world_set_task(&task);
	assert_int_equal(world_attribute(0, "calls", text, sizeof(text)), -EACCES);
	assert_int_equal(world_attribute(0, "busy_retries", text, sizeof(text)), -EACCES);
	attribute_is(0, "state", "running\n");
	world_set_task(NULL);
}

/* A file of @len bytes as a client that registers memory sends it. */
static int lent_memory(size_t len, uint8_t **data)
{
	int fd = memfd_create("client", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)len), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
	*data = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_true(*data != MAP_FAILED);
	return fd;
}

static long try_register(struct client *client, uint64_t addr, uint64_t len, int fd, int *id)
{
	struct tee_ioctl_shm_register_data data = { .addr = addr, .length = len };
	struct tee_file_call call = { .cmd = TEE_IOC_SHM_REGISTER,
				      .arg_len = sizeof(data),
				      .fd = fd };
	long rc;

	memcpy(call.arg, &data, sizeof(data));
	rc = tee_file_ioctl(client->file, &call);
	assert_true(rc || call.fd != fd);
	memcpy(&data, call.arg, sizeof(data));
	*id = data.id;
	return rc ? rc : call.fd;
}

static void registered_memory_is_the_clients(void **state)
{
	struct client client = connect_to(0);
	struct invoke result;
	uint8_t *data;
	int memory = lent_memory(3 * PAGE_LEN, &data);
	int fd, second, id;

	(void)state;
	open_session(&client);
	data[0] = 1;
	data[3 * PAGE_LEN - 1] = 2;
	fd = (int)try_register(&client, 0x10000, 3 * PAGE_LEN, memory, &id);
	assert_true(fd >= 0);
	assert_int_equal(invoke(&client, SPM_SUM, id, 0, &result), 0);
	assert_int_equal(result.arg.ret, 3);
	assert_int_equal(invoke(&client, SPM_INVERT, id, 1, NULL), 0);
	assert_int_equal(data[0], 0xfe);

	/* The same memory once more is an object of its own. */
	second = (int)try_register(&client, 0x10000, PAGE_LEN, memory, &id);
	assert_true(second >= 0);
	assert_int_equal(id, 2);
	close(second);
	touch(&client);
	assert_int_equal(spm_mapped(), 1);
	close(memory);
	touch(&client);
	assert_int_equal(spm_mapped(), 1);
	close(fd);
	touch(&client);
	assert_int_equal(spm_shared(), 0);
	munmap(data, 3 * PAGE_LEN);
	tee_file_release(client.file);
}

static void registration_is_checked(void **state)
{
	struct client client = connect_to(0);
	uint8_t *data;
	int memory = lent_memory(2 * PAGE_LEN, &data);
	int unsealed = memfd_create("unsealed", MFD_CLOEXEC);
	int id;

	(void)state;
	assert_int_equal(ftruncate(unsealed, PAGE_LEN), 0);
	assert_int_equal(try_register(&client, 0x10008, PAGE_LEN, memory, &id), -EINVAL);
	assert_int_equal(try_register(&client, 0x10000, PAGE_LEN - 1, memory, &id), -EINVAL);
	assert_int_equal(try_register(&client, 0x10000, 3 * PAGE_LEN, memory, &id), -EINVAL);
	assert_int_equal(try_register(&client, 0x10000, PAGE_LEN, unsealed, &id), -EINVAL);
	assert_int_equal(try_register(&client, 0x10000, PAGE_LEN, -1, &id), -EFAULT);
	assert_int_equal(try_register(&client, 0x10000, 0, -1, &id), -ENOMEM);
	assert_int_equal(try_register(&client, UINT64_MAX - 4095, 2 * PAGE_LEN, memory, &id),
			 -EFAULT);
	assert_int_equal(try_register(&client, 0x10000, 1ull << 62, memory, &id), -EFAULT);
	assert_int_equal(try_register(&client, 0x10000, 1ull << 46, memory, &id), -ENOMEM);
	assert_int_equal(try_register(&client, 0x10000, 1ull << 31, memory, &id), -EINVAL);
	assert_int_equal(spm_shared(), 0);
	close(memory);
	close(unsealed);
	munmap(data, 2 * PAGE_LEN);
	tee_file_release(client.file);
}

/* Nothing that others do would change that, so it is said at once. */
static void memory_that_no_partition_could_map_is_refused(void **state)
{
	const size_t len = (SPM_BUFFER_PAGES + 1) * (size_t)PAGE_LEN;
	struct client client = connect_to(0);
	const time_t begin = time(NULL);
	uint8_t *data;
	int memory = lent_memory(len, &data);
	int fd, id;

	(void)state;
	assert_int_equal(try_register(&client, 0x10000, len, memory, &id), -ENOMEM);
	assert_true(time(NULL) - begin < 15);
	assert_int_equal(spm_shared(), 0);
	fd = (int)try_register(&client, 0x10000, len - PAGE_LEN, memory, &id);
	assert_true(fd >= 0);
	close(fd);
	wait_until(spm_shared, 0);
	close(memory);
	munmap(data, len);
	tee_file_release(client.file);
}

static void page_that_cannot_be_reclaimed_is_kept(void **state)
{
	struct client client = connect_to(0);
	struct buffer buffer = alloc(&client, 2 * PAGE_LEN);
	uint8_t *data;
	int memory = lent_memory(PAGE_LEN, &data);
	int fd, id;

	(void)state;
	fd = (int)try_register(&client, 0x10000, PAGE_LEN, memory, &id);
	assert_true(fd >= 0);
	close(memory);
	munmap(data, PAGE_LEN);

	spm_deny_reclaim(true);
	close(fd);
	buffer_free(&buffer);
	touch(&client);
	assert_int_equal(spm_mapped(), 0);
	assert_int_equal(spm_shared(), 2);
	attribute_is(0, "quarantined_pages", "3\n");

	/* The driver asks again after a second. */
	spm_deny_reclaim(false);
	wait_until(spm_shared, 0);
	for (int i = 0; i < WAIT_ATTEMPTS; i++) {
		char text[16] = {};

		world_attribute(0, "quarantined_pages", text, sizeof(text) - 1);
		if (!strcmp(text, "0\n"))
			break;
		usleep(WAIT_US);
	}
	attribute_is(0, "quarantined_pages", "0\n");
	tee_file_release(client.file);
}

static void *call_in_thread(void *arg)
{
	const unsigned int *device = arg;
	struct client client = connect_to(*device);
	struct buffer buffer;

	open_session(&client);
	for (int i = 0; i < THREAD_CALLS; i++) {
		buffer = alloc(&client, PAGE_LEN);
		buffer.data[0] = (uint8_t)i;
		assert_int_equal(invoke(&client, SPM_INVERT, buffer.id, 1, NULL), 0);
		assert_int_equal(buffer.data[0], (uint8_t)~i);
		buffer_free(&buffer);
	}
	tee_file_release(client.file);
	return NULL;
}

static void threads_share_devices(void **state)
{
	pthread_t threads[THREADS];
	unsigned int devices[THREADS];
	char text[32] = {};

	(void)state;
	for (unsigned int i = 0; i < THREADS; i++) {
		devices[i] = i % 2;
		assert_int_equal(pthread_create(&threads[i], NULL, call_in_thread, &devices[i]), 0);
	}
	for (unsigned int i = 0; i < THREADS; i++) {
		assert_true(world_attribute(0, "calls", text, sizeof(text)) > 0);
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	}
	wait_until(spm_shared, 0);
	attribute_is(0, "busy_retries", "0\n");
}

static struct client connect_as(uid_t uid)
{
	struct world_task task = { .euid = uid, .egid = uid };
	struct client client;

	world_set_task(&task);
	client = connect_to(0);
	world_set_task(NULL);
	return client;
}

static void buffer_is_charged_to_who_opened_the_device(void **state)
{
	static const uid_t uids[] = { 0, 1000, TSTEE_CLIENT_UID_END - 1, TSTEE_CLIENT_UID_END };
	struct client client;
	struct buffer buffer;

	(void)state;
	for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		client = connect_as(uids[i]);
		/* Whoever uses it. */
		buffer = alloc(&client, PAGE_LEN);
		assert_int_equal(spm_tag(), uids[i] < TSTEE_CLIENT_UID_END ?
						    tstee_client_id_user(uids[i]) :
						    TSTEE_ACCOUNT_OTHERS);
		buffer_free(&buffer);
		tee_file_release(client.file);
		wait_until(spm_shared, 0);
	}
}

struct hog {
	struct client client;
	struct buffer buffers[64];
	unsigned int count;
	long rc;
};

static void take_all(struct hog *hog)
{
	while (hog->count < 64 &&
	       !(hog->rc = try_alloc(&hog->client, PAGE_LEN, &hog->buffers[hog->count])))
		hog->count++;
}

static void drop_all(struct hog *hog)
{
	while (hog->count)
		buffer_free(&hog->buffers[--hog->count]);
	tee_file_release(hog->client.file);
}

static void user_has_less_than_what_is_free_of_buffers(void **state)
{
	struct hog first = { .client = connect_as(1) }, second = { .client = connect_as(2) };
	struct client same = connect_as(1);
	struct buffer buffer;

	(void)state;
	assert_int_equal(world_set_parameter("buffers_max", "8"), 0);
	take_all(&first);
	assert_int_equal(first.count, 4);
	assert_int_equal(first.rc, -EDQUOT);
	take_all(&second);
	assert_int_equal(second.count, 2);
	assert_int_equal(second.rc, -EDQUOT);
	/* Another file of the same user waits for the first. */
	assert_int_equal(world_set_parameter("buffer_timeout_ms", "1"), 0);
	assert_int_equal(try_alloc(&same, PAGE_LEN, &buffer), -EDQUOT);
	assert_int_equal(world_set_parameter("buffer_timeout_ms", "30000"), 0);

	drop_all(&first);
	buffer = alloc(&same, PAGE_LEN);
	buffer_free(&buffer);
	tee_file_release(same.file);
	drop_all(&second);
	assert_int_equal(world_set_parameter("buffers_max", "56"), 0);
	wait_until(spm_shared, 0);
}

static void *take_and_give(void *arg)
{
	struct client client = connect_as((uid_t)(uintptr_t)arg);
	struct buffer buffer;

	for (int i = 0; i < 20; i++) {
		buffer = alloc(&client, PAGE_LEN);
		buffer_free(&buffer);
	}
	tee_file_release(client.file);
	return NULL;
}

/* Far more at once than there are buffers, or than the partition has room for. */
static void crowd_waits_for_buffers(void **state)
{
	pthread_t threads[24];

	(void)state;
	for (int round = 0; round < 2; round++) {
		if (round)
			spm_set_room(SPM_FIRST_ENDPOINT, 3);
		else
			assert_int_equal(world_set_parameter("buffers_max", "5"), 0);
		for (uintptr_t i = 0; i < 24; i++)
			assert_int_equal(
				pthread_create(&threads[i], NULL, take_and_give, (void *)(i % 3)),
				0);
		for (int i = 0; i < 24; i++)
			pthread_join(threads[i], NULL);
		spm_set_room(SPM_FIRST_ENDPOINT, UINT32_MAX);
		assert_int_equal(world_set_parameter("buffers_max", "56"), 0);
	}
	wait_until(spm_shared, 0);
}

static void *wait_in_service(void *arg)
{
	assert_int_equal(invoke(arg, SPM_WAIT, 0, 0, NULL), 0);
	return NULL;
}

static void killed_task_does_not_wait_for_the_partition(void **state)
{
	struct world_task killed = { .killed = is_killed };
	struct client first = connect_to(0), second = connect_to(0), other = connect_to(1);
	pthread_t thread;

	(void)state;
	open_session(&first);
	open_session(&second);
	assert_int_equal(pthread_create(&thread, NULL, wait_in_service, &first), 0);
	spm_wait_entered();

	world_set_task(&killed);
	assert_int_equal(invoke(&second, SPM_WHO, 0, 0, NULL), -EINTR);
	world_set_task(NULL);
	open_session(&other);

	spm_let_go();
	pthread_join(thread, NULL);
	assert_int_equal(invoke(&second, SPM_WHO, 0, 0, NULL), 0);
	tee_file_release(first.file);
	tee_file_release(second.file);
	tee_file_release(other.file);
}

/* A release waits for the partition, which is in a call; others need not wait with it. */
static void release_that_waits_holds_up_nobody(void **state)
{
	struct world_task killed = { .killed = is_killed };
	struct client first = connect_to(0), second = connect_to(0), other = connect_to(1);
	struct buffer buffer = alloc(&second, PAGE_LEN);
	struct client late;
	pthread_t thread;

	(void)state;
	open_session(&first);
	assert_int_equal(pthread_create(&thread, NULL, wait_in_service, &first), 0);
	spm_wait_entered();

	buffer_free(&buffer);
	attribute_is(0, "state", "running\n");
	touch(&other);
	/* The watcher opens files, and nobody else would notice that the partition died. */
	late = connect_to(0);
	world_set_task(&killed);
	touch(&second);
	world_set_task(NULL);
	assert_int_equal(spm_mapped(), 1);

	spm_let_go();
	pthread_join(thread, NULL);
	touch(&late);
	assert_int_equal(spm_shared(), 0);
	tee_file_release(first.file);
	tee_file_release(second.file);
	tee_file_release(other.file);
	tee_file_release(late.file);
}

static void *call_who(void *arg)
{
	assert_int_equal(invoke(arg, SPM_WHO, 0, 0, NULL), 0);
	return NULL;
}

static void restarted_partition_serves_whoever_opens_it_anew(void **state)
{
	struct client old = connect_to(0), idle = connect_to(0), other = connect_to(1), late;
	struct buffer kept = alloc(&old, PAGE_LEN), freed = alloc(&old, PAGE_LEN), buffer;
	unsigned int messages;

	(void)state;
	open_session(&old);
	open_session(&other);
	spm_die(SPM_FIRST_ENDPOINT);
	assert_int_equal(invoke(&old, SPM_WHO, 0, 0, NULL), -EIO);
	attribute_is(0, "state", "dead: aborted in opcode 0x0002 of interface 0x00\n");
	buffer_free(&freed);
	touch(&old);
	attribute_is(0, "quarantined_pages", "1\n");

	/* Whether it lives again is asked once for each session, and for nothing else. */
	late = connect_to(0);
	messages = spm_messages();
	assert_int_equal(try_alloc(&late, PAGE_LEN, &buffer), -EIO);
	assert_int_equal(invoke(&old, SPM_WHO, 0, 0, NULL), -EIO);
	assert_int_equal(open_session_as(&old, TEE_IOCTL_LOGIN_PUBLIC, 0), -EIO);
	assert_int_equal(spm_messages(), messages);
	assert_int_equal(open_session_as(&late, TEE_IOCTL_LOGIN_PUBLIC, 0), -EIO);
	assert_int_equal(spm_messages(), messages + 1);
	attribute_is(0, "state", "dead: aborted in opcode 0x0002 of interface 0x00\n");

	spm_restart(SPM_FIRST_ENDPOINT);
	open_session(&late);
	attribute_is(0, "state", "running\n");
	buffer = alloc(&late, PAGE_LEN);
	assert_int_equal(invoke(&late, SPM_INVERT, buffer.id, 1, NULL), 0);

	/* The next one knows nothing of what the last one was told. */
	assert_int_equal(invoke(&old, SPM_INVERT, kept.id, 1, NULL), -EIO);
	assert_int_equal(invoke(&old, SPM_WHO, 0, 0, NULL), -EIO);
	assert_int_equal(open_session_as(&old, TEE_IOCTL_LOGIN_PUBLIC, 0), -EIO);
	assert_int_equal(open_session_as(&idle, TEE_IOCTL_LOGIN_PUBLIC, 0), -EIO);
	assert_int_equal(try_alloc(&old, PAGE_LEN, &freed), -EIO);
	assert_int_equal(invoke(&other, SPM_WHO, 0, 0, NULL), 0);

	/* And memory that the last one kept is back. */
	buffer_free(&kept);
	touch(&old);
	wait_until(spm_shared, 1);
	attribute_is(0, "quarantined_pages", "0\n");
	buffer_free(&buffer);
	tee_file_release(old.file);
	tee_file_release(idle.file);
	tee_file_release(late.file);
	tee_file_release(other.file);
}

/* Others come between neither the partition and its answer, nor it and its end. */
static void partition_that_yields_goes_on(void **state)
{
	struct client first = connect_to(0), second = connect_to(0);
	struct invoke result;
	unsigned int messages;
	pthread_t other;

	(void)state;
	open_session(&first);
	open_session(&second);
	attribute_is(0, "busy_retries", "0\n");
	for (unsigned int count = 0; count < 4; count++) {
		spm_set_yields(count);
		messages = spm_messages();
		assert_int_equal(pthread_create(&other, NULL, call_who, &second), 0);
		assert_int_equal(invoke(&first, SPM_YIELD, 0, 0, &result), 0);
		pthread_join(other, NULL);
		assert_int_equal(result.arg.ret, count);
		assert_int_equal(spm_messages(), messages + 2);
	}
	attribute_is(0, "busy_retries", "0\n");

	spm_set_yields(2);
	spm_die(SPM_FIRST_ENDPOINT);
	assert_int_equal(invoke(&first, SPM_YIELD, 0, 0, NULL), -EIO);
	attribute_is(0, "state", "dead: aborted in opcode 0x0006 of interface 0x00\n");
	spm_restart(SPM_FIRST_ENDPOINT);
	tee_file_release(second.file);
	second = connect_to(0);
	open_session(&second);
	tee_file_release(first.file);
	tee_file_release(second.file);
}

/* Its memory is asked for again when it answers. */
static void stuck_partition_is_shown_and_not_waited_for(void **state)
{
	struct client first = connect_to(0), second = connect_to(0), other = connect_to(1);
	struct buffer buffer = alloc(&second, PAGE_LEN);
	pthread_t stuck, waiter;
	char text[128] = {};

	(void)state;
	open_session(&first);
	open_session(&second);
	assert_int_equal(pthread_create(&stuck, NULL, wait_in_service, &first), 0);
	spm_wait_entered();
	assert_int_equal(world_set_parameter("stuck_timeout_ms", "10"), 0);
	assert_int_equal(pthread_create(&waiter, NULL, call_who, &second), 0);
	do
		world_attribute(0, "state", text, sizeof(text) - 1);
	while (!strncmp(text, "running", 7));
	assert_string_equal(text, "stuck: for 1 s in opcode 0x0004 of interface 0x00\n");
	open_session(&other);

	buffer_free(&buffer);
	for (int i = 0; i < WAIT_ATTEMPTS && strcmp(text, "1\n"); i++) {
		usleep(WAIT_US);
		memset(text, 0, sizeof(text));
		world_attribute(0, "quarantined_pages", text, sizeof(text) - 1);
	}
	assert_string_equal(text, "1\n");

	spm_let_go();
	pthread_join(stuck, NULL);
	pthread_join(waiter, NULL);
	wait_until(spm_shared, 0);
	attribute_is(0, "state", "running\n");
	assert_int_equal(world_set_parameter("stuck_timeout_ms", "5000"), 0);
	tee_file_release(first.file);
	tee_file_release(second.file);
	tee_file_release(other.file);
}

struct queuer {
	struct world_task task;
	struct client client;
	bool waits;
};

/* A task that waits looks whether it was killed. */
static bool sees_itself_wait(struct world_task *task)
{
	struct queuer *queuer = (struct queuer *)((char *)task - offsetof(struct queuer, task));

	__atomic_store_n(&queuer->waits, true, __ATOMIC_RELEASE);
	return false;
}

static void *queue_up(void *arg)
{
	struct queuer *queuer = arg;

	world_set_task(&queuer->task);
	assert_int_equal(invoke(&queuer->client, SPM_WHO, 0, 0, NULL), 0);
	return NULL;
}

static void callers_are_served_in_the_order_of_arrival(void **state)
{
	struct client first = connect_to(0);
	struct queuer queuers[8] = {};
	pthread_t threads[8], stuck;

	(void)state;
	open_session(&first);
	for (unsigned int i = 0; i < 8; i++) {
		queuers[i].task.euid = 100 + i;
		queuers[i].task.killed = sees_itself_wait;
		queuers[i].client = connect_to(0);
		world_set_task(&queuers[i].task);
		assert_int_equal(open_session_as(&queuers[i].client, TEE_IOCTL_LOGIN_USER, 0), 0);
		world_set_task(NULL);
		queuers[i].waits = false;
	}
	assert_int_equal(pthread_create(&stuck, NULL, wait_in_service, &first), 0);
	spm_wait_entered();
	for (int i = 0; i < 8; i++) {
		assert_int_equal(pthread_create(&threads[i], NULL, queue_up, &queuers[i]), 0);
		while (!__atomic_load_n(&queuers[i].waits, __ATOMIC_ACQUIRE))
			usleep(WAIT_US);
	}
	spm_let_go();
	pthread_join(stuck, NULL);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	for (unsigned int i = 0; i < 8; i++)
		assert_int_equal(spm_who(7 - i), tstee_client_id_user(100 + i));
	for (int i = 0; i < 8; i++)
		tee_file_release(queuers[i].client.file);
	tee_file_release(first.file);
}

#define LOOPERS	      4
#define LOOPER_CALLS  3000
#define LOOPER_PAUSES 20

struct looper {
	struct world_task task;
	struct client client;
	unsigned int calls;
};

/* At once again, but for a few pauses, in which others must not wait for it. */
static void *call_in_a_loop(void *arg)
{
	struct looper *looper = arg;

	world_set_task(&looper->task);
	for (unsigned int i = 0; i < LOOPER_CALLS; i++) {
		if (invoke(&looper->client, SPM_WHO, 0, 0, NULL))
			break;
		looper->calls++;
		if (i % (LOOPER_CALLS / LOOPER_PAUSES) == 0)
			usleep(WAIT_US);
	}
	return NULL;
}

static void who_comes_back_at_once_keeps_no_one_waiting_for_ever(void **state)
{
	struct looper loopers[LOOPERS] = {};
	pthread_t threads[LOOPERS];

	(void)state;
	for (unsigned int i = 0; i < LOOPERS; i++) {
		loopers[i].client = connect_to(0);
		open_session(&loopers[i].client);
	}
	for (unsigned int i = 0; i < LOOPERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, call_in_a_loop, &loopers[i]), 0);
	for (unsigned int i = 0; i < LOOPERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(loopers[i].calls, LOOPER_CALLS);
		/* Who still has the device open has no turn for that. */
		if (i % 2)
			tee_file_release(loopers[i].client.file);
	}
	for (unsigned int i = 0; i < LOOPERS; i += 2)
		tee_file_release(loopers[i].client.file);
}

static void busy_partition_is_tried_again(void **state)
{
	struct client client = connect_to(1);

	(void)state;
	open_session(&client);
	attribute_is(1, "busy_retries", "0\n");
	spm_be_busy(3);
	assert_int_equal(invoke(&client, SPM_WHO, 0, 0, NULL), 0);
	attribute_is(1, "busy_retries", "3\n");

	assert_int_equal(world_set_parameter("busy_timeout_ms", "5x"), -EINVAL);
	assert_int_equal(world_set_parameter("busy_timeout_ms", "-1"), -EINVAL);
	assert_int_equal(world_set_parameter("no_such_thing", "1"), -ENOENT);
	assert_int_equal(world_set_parameter("busy_timeout_ms", "20"), 0);
	spm_be_busy(UINT32_MAX);
	assert_int_equal(invoke(&client, SPM_WHO, 0, 0, NULL), -EBUSY);
	spm_be_busy(0);
	assert_int_equal(world_set_parameter("busy_timeout_ms", "5000"), 0);
	tee_file_release(client.file);
}

/* The client that still maps it keeps it; the partition does not. */
static void memory_is_got_back_when_the_kernel_stops(void **state)
{
	struct client client = connect_to(0);
	struct buffer buffer = alloc(&client, PAGE_LEN);

	(void)state;
	tee_file_release(client.file);
	world_kernel_stop();
	assert_int_equal(spm_shared(), 0);
	buffer.data[0] = 1;
	buffer_free(&buffer);
	assert_int_equal(world_kernel_start(), 0);
}

static void no_two_allocations_share_a_page(void **state)
{
	uint64_t offset;
	void *a, *b;
	int fd;

	(void)state;
	assert_int_equal(ram_alloc(0, &a), -EINVAL);
	assert_int_equal(ram_alloc(PAGE_LEN + 1, &a), -EINVAL);
	assert_int_equal(ram_alloc(SIZE_MAX - 4095, &a), -EINVAL);
	assert_int_equal(ram_alloc(2 * PAGE_LEN, &a), 0);
	assert_int_equal(ram_alloc(PAGE_LEN, &b), 0);
	assert_int_equal(ram_find((uintptr_t)a + PAGE_LEN, PAGE_LEN, &fd, &offset), 0);
	assert_int_equal(offset, PAGE_LEN);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(ram_find((uintptr_t)a + PAGE_LEN, PAGE_LEN + 1, &fd, &offset), -EFAULT);
	assert_int_equal(ram_find((uintptr_t)a - 1, 2, &fd, &offset), -EFAULT);
	assert_int_equal(ram_find((uintptr_t)a, SIZE_MAX, &fd, &offset), -EFAULT);
	ram_free(a);
	assert_int_equal(ram_find((uintptr_t)a, 1, &fd, &offset), -EFAULT);
	ram_free(b);
	ram_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(partitions_of_our_kind_are_devices),
		cmocka_unit_test(partition_of_several_uuids_is_one_device),
		cmocka_unit_test(service_is_called_with_a_buffer),
		cmocka_unit_test(buffer_is_gone_for_the_call_after_its_last_unmap),
		cmocka_unit_test(buffer_lives_with_the_child_that_maps_it),
		cmocka_unit_test(other_open_files_of_a_buffer_do_not_matter),
		cmocka_unit_test(buffer_holds_its_context_and_goes_without_a_call),
		cmocka_unit_test(buffer_belongs_to_its_context),
		cmocka_unit_test(bad_arguments_have_linux_error_codes),
		cmocka_unit_test(client_is_who_the_task_is),
		cmocka_unit_test(public_login_can_be_made_the_users),
		cmocka_unit_test(counters_of_others_calls_are_roots),
		cmocka_unit_test(buffer_is_charged_to_who_opened_the_device),
		cmocka_unit_test(user_has_less_than_what_is_free_of_buffers),
		cmocka_unit_test(crowd_waits_for_buffers),
		cmocka_unit_test(restarted_partition_serves_whoever_opens_it_anew),
		cmocka_unit_test(partition_that_yields_goes_on),
		cmocka_unit_test(stuck_partition_is_shown_and_not_waited_for),
		cmocka_unit_test(callers_are_served_in_the_order_of_arrival),
		cmocka_unit_test(who_comes_back_at_once_keeps_no_one_waiting_for_ever),
		cmocka_unit_test(registered_memory_is_the_clients),
		cmocka_unit_test(registration_is_checked),
		cmocka_unit_test(memory_that_no_partition_could_map_is_refused),
		cmocka_unit_test(page_that_cannot_be_reclaimed_is_kept),
		cmocka_unit_test(threads_share_devices),
		cmocka_unit_test(killed_task_does_not_wait_for_the_partition),
		cmocka_unit_test(release_that_waits_holds_up_nobody),
		cmocka_unit_test(busy_partition_is_tried_again),
		cmocka_unit_test(memory_is_got_back_when_the_kernel_stops),
		cmocka_unit_test(no_two_allocations_share_a_page),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
