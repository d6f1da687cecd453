// SPDX-License-Identifier: BSD-3-Clause
/*
 * A client of OP-TEE by the GlobalPlatform TEE Client API (libteec), beside those of TSTEE: OP-TEE is
 * an endpoint of the FF-A bus like any partition, has a driver and a TEE device of its own, and is
 * in use at the same time.
 *
 *   aarch64-linux-gnu-gcc gp-client.c -lteec -o gp-client
 *   gp-client A B      OP-TEE adds two numbers
 *   gp-client --loop   calls OP-TEE until SIGTERM, checks each answer, says how many there were
 *
 * It calls a pseudo trusted application that is part of OP-TEE's core, so no file has to be loaded.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tee_client_api.h>

/* invoke_tests.pta of OP-TEE: adds up what it is given, two values or the bytes of a buffer. */
static const TEEC_UUID adder = {
	0xd96a5b40, 0xc3e5, 0x21e3, { 0x87, 0x94, 0x10, 0x02, 0xa5, 0xd5, 0xc6, 0x1b }
};
#define CMD_ADD 1

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static int fail(const char *what, TEEC_Result result, uint32_t origin)
{
	fprintf(stderr, "gp-client: %s: 0x%08x, origin %u\n", what, result, origin);
	return -1;
}

/* Has OP-TEE add @a and @b. 0, or -1 with a message. */
static int add_values(TEEC_Session *session, uint32_t a, uint32_t b, uint32_t *sum)
{
	TEEC_Operation operation = {
		.paramTypes = TEEC_PARAM_TYPES(TEEC_VALUE_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE),
		.params[0].value = { a, b },
	};
	uint32_t origin = 0;
	TEEC_Result result = TEEC_InvokeCommand(session, CMD_ADD, &operation, &origin);

	if (result != TEEC_SUCCESS)
		return fail("add two values", result, origin);
	*sum = operation.params[0].value.a;
	return 0;
}

/* Has OP-TEE add @len bytes, in memory shared with it: the sum replaces the first. */
static int add_bytes(TEEC_Session *session, uint8_t *bytes, size_t len)
{
	TEEC_Operation operation = {
		.paramTypes =
			TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INOUT, TEEC_NONE, TEEC_NONE, TEEC_NONE),
		.params[0].tmpref = { bytes, len },
	};
	uint32_t origin = 0;
	TEEC_Result result = TEEC_InvokeCommand(session, CMD_ADD, &operation, &origin);

	return result == TEEC_SUCCESS ? 0 : fail("add bytes", result, origin);
}

/* Two calls in a session of their own, with values that depend on @seed. */
static int check(TEEC_Context *context, uint32_t seed)
{
	const uint32_t a = seed * 2654435761u, b = ~seed;
	TEEC_Session session;
	TEEC_Result result;
	uint32_t origin = 0, sum = 0;
	uint8_t bytes[5000], expected = 0;
	int ret;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)(seed + 7 * i);
		expected += bytes[i];
	}
	result =
		TEEC_OpenSession(context, &session, &adder, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin);
	if (result != TEEC_SUCCESS)
		return fail("open a session", result, origin);
	ret = add_values(&session, a, b, &sum);
	if (!ret)
		ret = add_bytes(&session, bytes, sizeof(bytes));
	TEEC_CloseSession(&session);
	if (!ret && (sum != a + b || bytes[0] != expected)) {
		fprintf(stderr, "gp-client: OP-TEE's answer is wrong\n");
		ret = -1;
	}
	return ret;
}

static int loop(TEEC_Context *context)
{
	const struct sigaction action = { .sa_handler = stop, .sa_flags = SA_RESTART };
	uint32_t round = 0;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	/* One at least, so that whoever stops it at once is told whether OP-TEE is there. */
	do {
		if (check(context, round++))
			return -1;
	} while (!stopped);
	printf("OP-TEE answered %u calls in %u sessions, all of them right\n", 2 * round, round);
	return 0;
}

static int add(TEEC_Context *context, uint32_t a, uint32_t b)
{
	TEEC_Session session;
	TEEC_Result result;
	uint32_t origin = 0, sum = 0;
	int ret;

	result =
		TEEC_OpenSession(context, &session, &adder, TEEC_LOGIN_PUBLIC, NULL, NULL, &origin);
	if (result != TEEC_SUCCESS)
		return fail("open a session", result, origin);
	ret = add_values(&session, a, b, &sum);
	TEEC_CloseSession(&session);
	if (!ret)
		printf("OP-TEE says: %u + %u = %u\n", a, b, sum);
	return ret;
}

int main(int argc, char **argv)
{
	TEEC_Context context;
	TEEC_Result result;
	int ret;

	if (argc != 3 && !(argc == 2 && !strcmp(argv[1], "--loop"))) {
		fprintf(stderr, "usage: gp-client A B | --loop\n");
		return 2;
	}
	/* Looks for a device whose driver says that it is OP-TEE's, and passes over ours. */
	result = TEEC_InitializeContext(NULL, &context);
	if (result != TEEC_SUCCESS) {
		fail("there is no OP-TEE", result, 0);
		return 1;
	}
	if (argc == 2)
		ret = loop(&context);
	else
		ret = add(&context, (uint32_t)strtoul(argv[1], NULL, 0),
			  (uint32_t)strtoul(argv[2], NULL, 0));
	TEEC_FinalizeContext(&context);
	return ret ? 1 : 0;
}
