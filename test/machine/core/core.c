// SPDX-License-Identifier: BSD-3-Clause
/*
 * An SPM core for one partition, which stands in for Hafnium where that isn't: as much of it as a partition at S-EL0
 * meets, in what Hafnium publishes of it. The partition's memory is mapped where it is, to be read and executed; it
 * may ask for more by FFA_MEM_PERM_SET until its first FFA_MSG_WAIT. Shared memory and devices are where they are.
 * The counter and the processor's ID registers are out of reach. Registers hold what they hold.
 *
 * test/machine/flat puts a struct script into memory and reads what happens on the serial port, in lines.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <tstee/ffa.h>
#include <tstee/ts_rpc.h>

#define SCRIPT	   0x41000000u
#define UART	   0x09000000u
#define UART_FLAGS 0x18u
#define UART_FULL  (1u << 5)
/* Ends QEMU (Arm semihosting, SYS_EXIT and ADP_Stopped_ApplicationExit). */
#define SYS_EXIT	 0x18u
#define STOPPED_EXIT	 0x20026ull

#define FFA_MEM_PERM_SET 0x84000089u
#define PERM_RX		 3u
#define PERM_READ_WRITE	 5u
#define PERM_READ_ONLY	 7u

#define OWN_ID		 0x8001u
#define LINUX_ID	 0u
#define HANDLE		 0x5a00000001ull
/* As the driver has it: the client ID of user 1000. */
#define TAG	0x800003e8u
#define GARBAGE 0xa5a5a5a5a5a5a5a5ull

/* Bits of descriptors (DDI 0487, section D8.3). */
#define ENTRY_BLOCK	1u
#define ENTRY_TABLE	3u
#define ENTRY_PAGE	3u
#define ENTRY_NORMAL	(1u << 2)
#define ENTRY_USER	(1u << 6)
#define ENTRY_READ_ONLY (1u << 7)
#define ENTRY_INNER	(3u << 8)
#define ENTRY_ACCESS	(1u << 10)
#define ENTRY_NO_PRIV_X (1ull << 53)
#define ENTRY_NO_USER_X (1ull << 54)
#define ENTRY_ADDRESS	0x0000fffffffff000ull
#define ENTRY_COUNT	512u
#define TABLE_COUNT	64u
#define BLOCK_LEN	0x200000u
#define RAM		0x40000000u
#define RAM_OWN		0x02000000u

#define USER_RX		(ENTRY_NORMAL | ENTRY_INNER | ENTRY_USER | ENTRY_READ_ONLY | ENTRY_NO_PRIV_X)
#define USER_RO		(USER_RX | ENTRY_NO_USER_X)
#define USER_RW		(ENTRY_NORMAL | ENTRY_INNER | ENTRY_USER | ENTRY_NO_PRIV_X | ENTRY_NO_USER_X)
#define USER_DEVICE	(ENTRY_USER | ENTRY_NO_PRIV_X | ENTRY_NO_USER_X)

/* As start.S has it. */
struct frame {
	uint64_t x[31];
	uint64_t sp, pc, pstate;
	uint64_t padding[2];
};
static_assert(sizeof(struct frame) == 288, "start.S");

struct script_region {
	uint64_t base;
	uint32_t pages;
	uint32_t attributes;
};

/* What the normal world says, with what it has put into the shared page. */
struct script_message {
	uint32_t words[TS_RPC_REGS];
	uint32_t payload_len;
	uint8_t payload[1000];
};

/* test/machine/flat writes it. */
struct script {
	uint64_t memory, memory_len, entry;
	uint64_t shared, shared_pages;
	uint32_t region_count, message_count;
	uint32_t version; /* of the manifest */
	uint32_t padding;
	struct script_region regions[8];
	struct script_message messages[];
};

static _Alignas(FFA_PAGE_LEN) uint64_t tables[TABLE_COUNT][ENTRY_COUNT];
static size_t table_count;
static const struct script *const script = (const struct script *)(uintptr_t)SCRIPT;
static uint32_t said;
static uint64_t tx, rx;
static bool waits, shares, agreed;

void core_start(struct frame *frame);
void core_exception(struct frame *frame, uint32_t kind);

static void put(char c)
{
	while (*(volatile uint32_t *)(uintptr_t)(UART + UART_FLAGS) & UART_FULL)
		;
	*(volatile uint32_t *)(uintptr_t)UART = (uint8_t)c;
}

static void put_text(const char *text)
{
	while (*text)
		put(*text++);
}

static void put_hex(uint64_t value)
{
	put_text(" 0x");
	for (int shift = 60; shift >= 0; shift -= 4)
		put("0123456789abcdef"[value >> shift & 0xf]);
}

static noreturn void off(const char *why)
{
	const uint64_t parameters[2] = { STOPPED_EXIT, 0 };

	put_text(why);
	put('\n');
	__asm__ volatile("mov x0, %0; mov x1, %1; hlt #0xf000"
			 :
			 : "r"((uint64_t)SYS_EXIT), "r"(parameters)
			 : "x0", "x1", "memory");
	for (;;)
		;
}

/* The entry for @va in the table of the last level, or of the one before for blocks. */
static uint64_t *entry_of(uint64_t va, bool block)
{
	uint64_t *table = tables[0];

	for (unsigned int shift = 30; shift > (block ? 21u : 12u); shift -= 9) {
		uint64_t *entry = &table[va >> shift & (ENTRY_COUNT - 1)];

		if (!*entry) {
			if (table_count == TABLE_COUNT)
				off("end: no tables");
			*entry = (uintptr_t)tables[table_count++] | ENTRY_TABLE;
		}
		table = (uint64_t *)(uintptr_t)(*entry & ENTRY_ADDRESS);
	}
	return &table[va >> (block ? 21 : 12) & (ENTRY_COUNT - 1)];
}

static void map(uint64_t address, uint64_t pages, uint64_t bits)
{
	for (uint64_t i = 0; i < pages; i++, address += FFA_PAGE_LEN)
		*entry_of(address, false) = address | bits | ENTRY_ACCESS | ENTRY_PAGE;
	__asm__ volatile("dsb ish; tlbi vmalle1; dsb ish; isb" : : : "memory");
}

static void map_own(uint64_t address, uint64_t len, uint64_t bits)
{
	for (uint64_t end = address + len; address < end; address += BLOCK_LEN)
		*entry_of(address, true) =
			address | bits | ENTRY_NO_USER_X | ENTRY_ACCESS | ENTRY_BLOCK;
}

static void turn_mmu_on(void)
{
	table_count = 1;
	map_own(UART, BLOCK_LEN, ENTRY_NO_PRIV_X);
	map_own(RAM, RAM_OWN, ENTRY_NORMAL | ENTRY_INNER);
	__asm__ volatile("msr mair_el1, %0" : : "r"(0xff00ull));
	/* 39 bits by TTBR0, write-back inner shareable, 40 bits of address. */
	__asm__ volatile("msr tcr_el1, %0" : : "r"(0x803519ull | 2ull << 32));
	__asm__ volatile("msr ttbr0_el1, %0" : : "r"(tables[0]));
	/* Vector registers are anybody's; counters, cache instructions and ID registers are not. */
	__asm__ volatile("msr cpacr_el1, %0" : : "r"(0x300000ull));
	__asm__ volatile("msr cntkctl_el1, xzr; msr mdscr_el1, xzr");
	__asm__ volatile("dsb sy; isb; msr sctlr_el1, %0; isb" : : "r"(0x30d0180dull) : "memory");
}

static bool is_own(uint64_t address, uint64_t pages)
{
	return !(address % FFA_PAGE_LEN) && pages && address >= script->memory &&
	       pages <= script->memory_len / FFA_PAGE_LEN &&
	       address - script->memory <= script->memory_len - pages * FFA_PAGE_LEN;
}

static int64_t set_permissions(const uint64_t *x)
{
	const uint64_t bits = x[3] == PERM_READ_WRITE ? USER_RW :
			      x[3] == PERM_READ_ONLY  ? USER_RO :
							USER_RX;

	put_text("permissions");
	put_hex(x[1]);
	put_hex(x[2]);
	put_hex(x[3]);
	put('\n');
	if (waits)
		return FFA_DENIED;
	if (!is_own(x[1], x[2]) ||
	    (x[3] != PERM_READ_WRITE && x[3] != PERM_READ_ONLY && x[3] != PERM_RX))
		return FFA_INVALID_PARAMETERS;
	map(x[1], x[2], bits);
	return 0;
}

static int64_t map_buffers(const uint64_t *x)
{
	if (tx || !is_own(x[1], x[3]) || !is_own(x[2], x[3]) || x[3] != 1)
		return FFA_INVALID_PARAMETERS;
	/* Both must be the partition's to write to. */
	if ((*entry_of(x[1], false) | *entry_of(x[2], false)) & ENTRY_READ_ONLY)
		return FFA_INVALID_PARAMETERS;
	tx = x[1];
	rx = x[2];
	map(rx, 1, USER_RO);
	return 0;
}

struct response {
	struct ffa_memory_transaction transaction;
	struct ffa_memory_access access;
	struct ffa_memory_composite composite;
	struct ffa_memory_range range;
};

/* One form of the request is known: without a composite region. */
static int64_t retrieve(uint64_t *x)
{
	const struct ffa_memory_transaction *transaction = (const void *)(uintptr_t)tx;
	const struct ffa_memory_access *access = (const void *)(transaction + 1);
	struct response *response = (void *)(uintptr_t)rx;

	if (!tx || x[1] != sizeof(*transaction) + sizeof(*access) || x[2] != x[1] ||
	    transaction->handle != HANDLE || transaction->tag != TAG ||
	    transaction->sender_id != LINUX_ID || transaction->access_count != 1 ||
	    transaction->access_offset != sizeof(*transaction) || access->receiver_id != OWN_ID ||
	    access->composite_offset || shares)
		return FFA_INVALID_PARAMETERS;
	/* Hafnium's own mapping of the buffer can be written to. */
	map(rx, 1, USER_RW);
	*response = (struct response){
		.transaction = {
			.attributes = FFA_MEMORY_ATTRIBUTES_SHARED,
			.flags = FFA_MEMORY_SHARE,
			.handle = HANDLE,
			.access_len = sizeof(response->access),
			.access_count = 1,
			.access_offset = offsetof(struct response, access),
		},
		.access = {
			.receiver_id = OWN_ID,
			.permissions = FFA_MEMORY_READ_WRITE | FFA_MEMORY_NO_EXECUTE,
			.composite_offset = offsetof(struct response, composite),
		},
		.composite = { .page_count = (uint32_t)script->shared_pages, .range_count = 1 },
		.range = { .address = script->shared, .page_count = (uint32_t)script->shared_pages },
	};
	map(rx, 1, USER_RO);
	map(script->shared, script->shared_pages, USER_RW);
	shares = true;
	x[0] = FFA_MEM_RETRIEVE_RESP;
	x[1] = x[2] = sizeof(*response);
	return 0;
}

static void put_console(const uint64_t *x)
{
	const uint8_t *bytes = (const void *)&x[2];

	put_text("console ");
	for (uint64_t i = 0; i < x[1] && i < FFA_CONSOLE_LOG_64_LEN; i++)
		put(bytes[i] == '\n' ? '|' : (char)bytes[i]);
	put('\n');
}

/* What the partition answered, and the next message. */
static void next_message(struct frame *frame)
{
	const struct script_message *message = &script->messages[said];
	uint8_t *page = (void *)(uintptr_t)script->shared;

	if (said == script->message_count)
		off("end: all said");
	for (uint32_t i = 0; i < message->payload_len && shares; i++)
		page[i] = message->payload[i];
	frame->x[0] = FFA_MSG_SEND_DIRECT_REQ;
	frame->x[1] = ffa_message_endpoints(LINUX_ID, OWN_ID);
	frame->x[2] = 0;
	for (size_t i = 0; i < TS_RPC_REGS; i++)
		frame->x[3 + i] = message->words[i];
	said++;
}

static void put_answer(const uint64_t *x)
{
	const uint8_t *page = (const void *)(uintptr_t)script->shared;

	put_text("answer");
	for (size_t i = 0; i < TS_RPC_REGS; i++)
		put_hex((uint32_t)x[3 + i]);
	if (shares) {
		put(' ');
		for (uint32_t i = 0; i < 256; i++) {
			put("0123456789abcdef"[page[i] >> 4]);
			put("0123456789abcdef"[page[i] & 0xf]);
		}
	}
	put('\n');
}

/* The version is the manifest's; with the first call of another function that can't be changed any more. */
static void version(uint64_t *x)
{
	put_text("version");
	put_hex(x[1]);
	put('\n');
	x[0] = agreed && x[1] != script->version ? (uint32_t)FFA_NOT_SUPPORTED : FFA_VERSION_1_2;
}

static void call(struct frame *frame)
{
	uint64_t *x = frame->x;
	int64_t ret = 0;

	agreed |= x[0] != FFA_VERSION;
	switch ((uint32_t)x[0] & ~FFA_FUNCTION_64) {
	case FFA_VERSION:
		version(x);
		return;
	case FFA_ID_GET:
		x[2] = OWN_ID;
		break;
	case FFA_RXTX_MAP:
		ret = map_buffers(x);
		break;
	case FFA_RX_RELEASE:
		break;
	case FFA_PARTITION_INFO_GET:
		x[2] = 0;
		x[3] = sizeof(struct ffa_partition_info);
		break;
	case FFA_MEM_PERM_SET:
		ret = set_permissions(x);
		break;
	case FFA_CONSOLE_LOG:
		put_console(x);
		break;
	case FFA_MEM_RETRIEVE_REQ:
		ret = retrieve(x);
		if (!ret)
			return;
		break;
	case FFA_MEM_RELINQUISH:
		shares = false;
		break;
	case FFA_MSG_WAIT:
		waits = true;
		put_text("waits\n");
		next_message(frame);
		return;
	case FFA_MSG_SEND_DIRECT_RESP:
		put_answer(x);
		next_message(frame);
		return;
	default:
		put_text("unknown");
		put_hex(x[0]);
		put('\n');
		ret = FFA_NOT_SUPPORTED;
	}
	x[0] = ret ? FFA_ERROR : FFA_SUCCESS;
	if (ret)
		x[2] = (uint32_t)ret;
}

void core_exception(struct frame *frame, uint32_t kind)
{
	uint64_t syndrome, address;

	__asm__ volatile("mrs %0, esr_el1" : "=r"(syndrome));
	__asm__ volatile("mrs %0, far_el1" : "=r"(address));
	/* Synchronous, from S-EL0, by SVC. */
	if (kind == 8 && syndrome >> 26 == 0x15) {
		call(frame);
		return;
	}
	put_text("fault");
	put_hex(kind);
	put_hex(syndrome);
	put_hex(frame->pc - script->memory);
	put_hex(address);
	off("\nend: fault");
}

void core_start(struct frame *frame)
{
	turn_mmu_on();
	map(script->memory, script->memory_len / FFA_PAGE_LEN, USER_RX);
	for (uint32_t i = 0; i < script->region_count; i++)
		map(script->regions[i].base, script->regions[i].pages,
		    USER_DEVICE | (script->regions[i].attributes & 2 ? 0 : ENTRY_READ_ONLY));
	for (size_t i = 0; i < sizeof(frame->x) / sizeof(frame->x[0]); i++)
		frame->x[i] = GARBAGE;
	/* gp-register-num */
	frame->x[0] = script->memory;
	frame->sp = GARBAGE;
	frame->pc = script->memory + script->entry;
	/* EL0, interrupts masked. */
	frame->pstate = 0x3c0;
	__asm__ volatile("msr tpidr_el0, %0" : : "r"(GARBAGE));
}
