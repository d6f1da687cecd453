// SPDX-License-Identifier: BSD-3-Clause
/* A partition that was taken over, and tries to get at something outside. */
#include "partition_escape.h"

#include <fcntl.h>
#include <sched.h>
#include <secure/port/partition.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <tstee/ffa.h>
#include <unistd.h>

PARTITION_IMAGE(0x5e21c7d3, 0x90ab, 0x4f36, 0x8d, 0x14, 0x2b, 0x6f, 0x0c, 0x93, 0xa7, 0x04);

/* What it would run, or give away. */
static _Alignas(FFA_PAGE_LEN) uint8_t data[FFA_PAGE_LEN];

static long escape(enum escape way)
{
	static char *const none[] = { NULL };
	struct msghdr message = { .msg_iov = NULL };

	switch (way) {
	case ESCAPE_OPEN:
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	case ESCAPE_OPENAT2:
		return syscall(SYS_openat2, AT_FDCWD, "/dev/null", NULL, 0);
	case ESCAPE_SOCKET:
		return socket(AF_UNIX, SOCK_STREAM, 0);
	case ESCAPE_FORK:
		return fork();
	case ESCAPE_CLONE:
		return syscall(SYS_clone, CLONE_VM | SIGCHLD, NULL, NULL, NULL, 0);
	case ESCAPE_EXEC:
		return execve("/bin/true", none, none);
	case ESCAPE_KILL:
		return syscall(SYS_kill, 1, 0);
	case ESCAPE_PTRACE:
		return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	case ESCAPE_READ_PROCESS:
		return process_vm_readv(1, NULL, 0, NULL, 0, 0);
	case ESCAPE_MAP_CODE:
		return mmap(NULL, FFA_PAGE_LEN, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0) == MAP_FAILED;
	case ESCAPE_MAKE_CODE:
		return mprotect(data, sizeof(data), PROT_READ | PROT_EXEC);
	case ESCAPE_DUPLICATE:
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	case ESCAPE_OTHER_SOCKET:
		return sendmsg(STDOUT_FILENO, &message, 0);
	case ESCAPE_WRITE:
		return write(STDOUT_FILENO, data, 1);
	default:
		return 0;
	}
}

static void handle(void *ctx __attribute__((unused)), uint16_t source_id __attribute__((unused)),
		   uint32_t words[TS_RPC_REGS])
{
	words[0] = (uint32_t)escape((enum escape)words[0]);
}

noreturn void partition_main(void)
{
	partition_serve(handle, NULL);
}
