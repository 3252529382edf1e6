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
 *
 * A COMMAND has a seccomp filter that stops it at these calls only, which takes a third of the time on an emulated CPU; it
 * cannot go on without a tracer, and is killed when the stepper ends. A PID stops at every call, and goes on afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
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

/* The calls of name_of(), before their arguments are looked at. */
static const int may_count[] = {
	SYS_bpf,       SYS_sendto,  SYS_sendmsg,
#ifdef SYS_rename
	SYS_rename,    SYS_mkdir,   SYS_rmdir,	   SYS_unlink,
#endif
	SYS_renameat2, SYS_mkdirat, SYS_unlinkat,  SYS_pwrite64,
	SYS_fdatasync, SYS_fsync,   SYS_ftruncate,
};

#define MAY_COUNT (sizeof(may_count) / sizeof(may_count[0]))

/* Of calls of bpf(), only those that name_of_bpf() knows are worth a stop: a start makes hundreds of the others. */
static const unsigned int may_count_bpf[] = {
	BPF_OBJ_PIN,	   BPF_LINK_CREATE, BPF_RAW_TRACEPOINT_OPEN,
	BPF_PROG_BIND_MAP, BPF_LINK_UPDATE, BPF_LINK_DETACH,
};

#define MAY_COUNT_BPF (sizeof(may_count_bpf) / sizeof(may_count_bpf[0]))

static bool stop_at_calls(void)
{
	struct sock_filter code[2 * (MAY_COUNT + MAY_COUNT_BPF) + 8];
	struct sock_fprog filter = {.filter = code};
	unsigned int n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr));
	for (unsigned int i = 1; i < MAY_COUNT; i++) {
		code[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, may_count[i], 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 1, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, args[0]));
	for (unsigned int i = 0; i < MAY_COUNT_BPF; i++) {
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 may_count_bpf[i], 0, 1);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter.len = n;
	return !syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
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
		if (!stop_at_calls())
			_exit(126);
		execv(argv[0], argv);
		_exit(127);
	}
	waitpid(pid, NULL, WUNTRACED);
	return pid;
}

static bool seize(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SEIZE, pid, 0,
		   PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP))
		return false;
	kill(pid, SIGCONT);
	if (ptrace(PTRACE_INTERRUPT, pid, 0, 0))
		return false;
	return waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status);
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

/* It goes on unwatched, if it can. */
static int let_go(pid_t pid, unsigned long counted, bool filtered)
{
	int status;

	printf("counted %lu\n", counted);
	if (filtered) {
		kill(pid, SIGKILL);
		wait_for_end(pid);
		return 0;
	}
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	if (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status))
		ptrace(PTRACE_DETACH, pid, 0, 0);
	return 0;
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

/* Is it stopped before a call that may count? */
static bool is_at_call(pid_t pid, int status, struct __ptrace_syscall_info *call)
{
	if (status >> 8 != (SIGTRAP | PTRACE_EVENT_SECCOMP << 8) &&
	    WSTOPSIG(status) != (SIGTRAP | 0x80))
		return false;
	return ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(*call), call) > 0 &&
	       (call->op == PTRACE_SYSCALL_INFO_ENTRY || call->op == PTRACE_SYSCALL_INFO_SECCOMP);
}

static int watch(pid_t pid, unsigned long at, const char *from, bool pause_there, bool filtered)
{
	unsigned long counted = 0;
	int give = 0, status;

	for (;;) {
		struct __ptrace_syscall_info call = {};
		const char *name = NULL;

		if (ptrace(filtered ? PTRACE_CONT : PTRACE_SYSCALL, pid, 0, give) && errno == ESRCH)
			break;
		while (waitpid(pid, &status, __WALL) < 0)
			if (errno != EINTR || enough)
				return let_go(pid, counted, filtered);
		if (!WIFSTOPPED(status))
			break;
		give = signal_of(status);
		if (is_at_call(pid, status, &call))
			name = name_of(pid, &call);
		if (name && from && !strstr(name, from))
			name = NULL;
		else if (name)
			from = NULL;
		if (name && ++counted == at && stop_here(pid, at, name, pause_there))
			break;
		if (enough && filtered)
			return let_go(pid, counted, filtered);
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
	bool pause_there = false, filtered;
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
	filtered = !pid && i < argc;
	if (filtered)
		pid = start(argv + i);
	if (pid <= 0 || !seize(pid)) {
		fprintf(stderr, "stepper: cannot trace %d: %s\n", pid, strerror(errno));
		return 1;
	}
	printf("seized %d\n", pid);
	return watch(pid, at, from, pause_there, filtered);
}
