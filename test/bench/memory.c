// SPDX-License-Identifier: BSD-3-Clause
/*
 * How deep the stack and how large the heap of the crypto service get. Linked into the unit tests
 * of the service, which call it in every way there is: the linker has them call the endpoint,
 * the generator and the allocator through here. Prints lines of "NAME<tab>BYTES" at the end.
 */
#include <malloc.h>
#include <secure/rpc/endpoint.h>
#include <secure/service/crypto/random.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Far more than a partition has. */
#define DEPTH_MAX (128u * 1024)
#define PAINT	  0xa5

void __real_endpoint_handle(struct endpoint *endpoint, uint16_t source_id,
			    uint32_t words[TS_RPC_REGS]);
void __wrap_endpoint_handle(struct endpoint *endpoint, uint16_t source_id,
			    uint32_t words[TS_RPC_REGS]);
int __real_random_get(uint8_t *out, size_t len);
int __wrap_random_get(uint8_t *out, size_t len);
void *__real_malloc(size_t len);
void *__wrap_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__real_aligned_alloc(size_t alignment, size_t len);
void *__wrap_aligned_alloc(size_t alignment, size_t len);
void __real_free(void *memory);
void __wrap_free(void *memory);

static size_t service_stack, generator_stack, heap, heap_most, call_most;

/*
 * Two frames of the same size at the same place, between which the call is made: what the
 * second finds in its array is what the first and then the call left there.
 */
static __attribute__((noinline)) void paint(void)
{
	uint8_t below[DEPTH_MAX];

	memset(below, PAINT, sizeof(below));
	__asm__ volatile("" : : "r"(below) : "memory");
}

static __attribute__((noinline)) size_t depth(void)
{
	uint8_t below[DEPTH_MAX];
	size_t untouched = 0;

	/* The compiler must take the array for written. */
	__asm__ volatile("" : : "r"(below) : "memory");
	while (untouched < DEPTH_MAX && below[untouched] == PAINT)
		untouched++;
	return DEPTH_MAX - untouched;
}

void __wrap_endpoint_handle(struct endpoint *endpoint, uint16_t source_id,
			    uint32_t words[TS_RPC_REGS])
{
	const size_t before = heap, most = heap_most;
	size_t deep;

	heap_most = heap;
	paint();
	__real_endpoint_handle(endpoint, source_id, words);
	deep = depth();
	if (deep > service_stack)
		service_stack = deep;
	if (heap_most - before > call_most)
		call_most = heap_most - before;
	if (most > heap_most)
		heap_most = most;
}

int __wrap_random_get(uint8_t *out, size_t len)
{
	size_t deep;
	int rc;

	paint();
	rc = __real_random_get(out, len);
	deep = depth();
	if (deep > generator_stack)
		generator_stack = deep;
	return rc;
}

static void *taken(void *memory)
{
	heap += malloc_usable_size(memory);
	if (heap > heap_most)
		heap_most = heap;
	return memory;
}

void *__wrap_malloc(size_t len)
{
	return taken(__real_malloc(len));
}

void *__wrap_calloc(size_t count, size_t len)
{
	return taken(__real_calloc(count, len));
}

void *__wrap_aligned_alloc(size_t alignment, size_t len)
{
	return taken(__real_aligned_alloc(alignment, len));
}

void __wrap_free(void *memory)
{
	heap -= malloc_usable_size(memory);
	__real_free(memory);
}

static __attribute__((destructor)) void print(void)
{
	printf("service_stack\t%zu\ngenerator_stack\t%zu\nheap\t%zu\nheap_of_a_call\t%zu\n",
	       service_stack, generator_stack, heap_most, call_most);
}
