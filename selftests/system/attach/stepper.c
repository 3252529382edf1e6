// SPDX-License-Identifier: GPL-2.0-only
/* Stops a process before one of the system calls with which it changes what others see, and kills it there, or waits.
 *
 *   stepper --at N [--pause] COMMAND [WORD]...     from its start on
 *   stepper --at N [--pause] --pid PID             from now on
 *
 * --from WORD begins to count at a call whose name holds it.
 *
 * Calls that change nothing are not counted: who is killed before one of them has done what he has done before the next
 * that does. Says "seized" when it counts, "at N NAME" where it stopped, and at the end, or on SIGINT, "counted N". With
 * --pause it goes on when it reads a line.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t enough;

static void on_interrupt(int number)
{
	enough = number;
}

/* --- which calls count --- */

static bool read_memory(pid_t pid, unsigned long address, void *to, size_t bytes)
{
	struct iovec local = {to, bytes}, remote = {(void *)address, bytes};

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) == (ssize_t)bytes;
}

static bool changes_link(pid_t pid, unsigned long address)
{
	struct nlmsghdr header;

	return read_memory(pid, address, &header, sizeof(header)) &&
	       header.nlmsg_type == RTM_SETLINK && header.nlmsg_len >= sizeof(header);
}

static bool sends_link(pid_t pid, const struct __ptrace_syscall_info *call)
{
	struct msghdr message;
	struct iovec first;

	if (call->entry.nr == SYS_sendto)
		return changes_link(pid, call->entry.args[1]);
	return read_memory(pid, call->entry.args[1], &message, sizeof(message)) &&
	       message.msg_iovlen &&
	       read_memory(pid, (unsigned long)message.msg_iov, &first, sizeof(first)) &&
	       changes_link(pid, (unsigned long)first.iov_base);
}

static const char *name_of_bpf(unsigned int command)
{
	switch (command) {
	case BPF_OBJ_PIN:
		return "bpf(OBJ_PIN)";
	case BPF_LINK_CREATE:
		return "bpf(LINK_CREATE)";
	case BPF_RAW_TRACEPOINT_OPEN:
		return "bpf(RAW_TRACEPOINT_OPEN)";
	case BPF_PROG_BIND_MAP:
		return "bpf(PROG_BIND_MAP)";
	case BPF_LINK_UPDATE:
		return "bpf(LINK_UPDATE)";
	case BPF_LINK_DETACH:
		return "bpf(LINK_DETACH)";
	default:
		return NULL;
	}
}

/* NULL: it changes nothing that outlives the process. */
static const char *name_of(pid_t pid, const struct __ptrace_syscall_info *call)
{
	switch (call->entry.nr) {
	case SYS_bpf:
		return name_of_bpf(call->entry.args[0]);
	case SYS_sendto:
	case SYS_sendmsg:
		return sends_link(pid, call) ? "RTM_SETLINK" : NULL;
#ifdef SYS_rename
	case SYS_rename:
	case SYS_mkdir:
	case SYS_rmdir:
	case SYS_unlink:
		return call->entry.nr == SYS_rename ? "rename" :
		       call->entry.nr == SYS_mkdir  ? "mkdir" :
		       call->entry.nr == SYS_rmdir  ? "rmdir" :
						      "unlink";
#endif
	case SYS_renameat2:
		return "renameat2";
	case SYS_mkdirat:
		return "mkdirat";
	case SYS_unlinkat:
		return "unlinkat";
	case SYS_pwrite64:
		return "pwrite64";
	case SYS_fdatasync:
		return "fdatasync";
	case SYS_fsync:
		return "fsync";
	case SYS_ftruncate:
		return "ftruncate";
	default:
		return NULL;
	}
}

/* --- the process --- */

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		/* who reads what the stepper says is not to wait for the end of this one */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		close(STDIN_FILENO);
		open("/dev/null", O_RDONLY);
		raise(SIGSTOP);
		execv(argv[0], argv);
		_exit(127);
	}
	waitpid(pid, NULL, WUNTRACED);
	return pid;
}

static bool seize(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC))
		return false;
	kill(pid, SIGCONT);
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0))
		return false;
	return waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status);
}

/* It goes on unwatched. */
static int let_go(pid_t pid, unsigned long counted)
{
	int status;

	printf("counted %lu\n", counted);
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	if (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
		ptrace(PTRACE_DETACH, pid, 0, 0);
	return 0;
}

/* Its locks are gone when it is. A SIGINT meanwhile is no reason to go on before. */
static void wait_for_end(pid_t pid)
{
	int status;

	for (;;) {
		pid_t ended = waitpid(pid, &status, __WALL);

		if (ended < 0 && errno == EINTR)
			continue;
		if (ended != pid || WIFEXITED(status) || WIFSIGNALED(status))
			return;
	}
}

static bool stop_here(pid_t pid, unsigned long at, const char *name, bool pause_there)
{
	char line[16];

	printf("at %lu %s\n", at, name);
	if (!pause_there) {
		kill(pid, SIGKILL);
		wait_for_end(pid);
		return true;
	}
	return !fgets(line, sizeof(line), stdin);
}

/* What the process is to have of a stop: a signal, or nothing. */
static int signal_of(int status)
{
	int number = WSTOPSIG(status);

	if (status >> 16 || number == (SIGTRAP | 0x80))
		return 0;
	return number;
}

static int watch(pid_t pid, unsigned long at, const char *from, bool pause_there)
{
	unsigned long counted = 0;
	int give = 0, status;

	for (;;) {
		struct __ptrace_syscall_info call = {};
		const char *name = NULL;

		if (ptrace(PTRACE_SYSCALL, pid, 0, give) && errno == ESRCH)
			break;
		while (waitpid(pid, &status, __WALL) < 0)
			if (errno != EINTR || enough)
				return let_go(pid, counted);
		if (!WIFSTOPPED(status))
			break;
		give = signal_of(status);
		if (WSTOPSIG(status) == (SIGTRAP | 0x80) &&
		    ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(call), &call) > 0 &&
		    call.op == PTRACE_SYSCALL_INFO_ENTRY)
			name = name_of(pid, &call);
		if (name && from && !strstr(name, from))
			name = NULL;
		else if (name)
			from = NULL;
		if (name && ++counted == at && stop_here(pid, at, name, pause_there))
			break;
		if (enough) {
			printf("counted %lu\n", counted);
			ptrace(PTRACE_DETACH, pid, 0, 0);
			return 0;
		}
	}
	printf("counted %lu\n", counted);
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction interrupt = {.sa_handler = on_interrupt}; /* not restarted */
	unsigned long at = 0;
	const char *from = NULL;
	bool pause_there = false;
	pid_t pid = 0;
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--pause"))
			pause_there = true;
		else if (!strcmp(argv[i], "--at") && i + 1 < argc)
			at = strtoul(argv[++i], NULL, 10);
		else if (!strcmp(argv[i], "--from") && i + 1 < argc)
			from = argv[++i];
		else if (!strcmp(argv[i], "--pid") && i + 1 < argc)
			pid = atoi(argv[++i]);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigaction(SIGINT, &interrupt, NULL);
	if (!pid && i < argc)
		pid = start(argv + i);
	if (pid <= 0 || !seize(pid)) {
		fprintf(stderr, "stepper: cannot trace %d: %s\n", pid, strerror(errno));
		return 1;
	}
	printf("seized %d\n", pid);
	return watch(pid, at, from, pause_there);
}
