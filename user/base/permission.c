// SPDX-License-Identifier: GPL-2.0-only
#include "permission.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOCKDOWN    "/sys/kernel/security/lockdown"
#define UID_MAP	    "/proc/self/uid_map"
#define ALL_THE_IDS 4294967295U

#define BIT(capability) (1ULL << (capability))

/* Kernels before Linux 5.8 have neither CAP_BPF nor CAP_PERFMON, and slash64 does not run on them.
 * CAP_SYS_ADMIN includes both.
 */
static const struct {
	uint64_t bit;
	bool by_sys_admin;
	const char *name;
} needed_for_bpf[] = {
	{BIT(CAP_BPF), true, "CAP_BPF"},
	{BIT(CAP_PERFMON), true, "CAP_PERFMON"},
	{BIT(CAP_NET_ADMIN), false, "CAP_NET_ADMIN"},
};

#define NEEDED_COUNT (sizeof(needed_for_bpf) / sizeof(needed_for_bpf[0]))

static bool lacks(const struct permission_facts *facts, size_t i)
{
	return !(facts->capabilities & needed_for_bpf[i].bit) &&
	       !(needed_for_bpf[i].by_sys_admin && facts->capabilities & BIT(CAP_SYS_ADMIN));
}

/* The first line of a file, "" if it cannot be read. */
static void read_line(const char *path, char *line, int bytes)
{
	FILE *file = fopen(path, "re");

	if (!file || !fgets(line, bytes, file))
		line[0] = '\0';
	if (file)
		fclose(file);
}

/* "none [integrity] confidentiality" */
static void read_lockdown(char *level, size_t bytes)
{
	char line[80], *begin, *end;

	level[0] = '\0';
	read_line(LOCKDOWN, line, sizeof(line));
	begin = strchr(line, '[');
	end = begin ? strchr(begin, ']') : NULL;
	if (!end)
		return;
	*end = '\0';
	if (strcmp(begin + 1, "none"))
		snprintf(level, bytes, "%s", begin + 1);
}

static bool in_user_namespace(void)
{
	unsigned int inside, outside, count;
	char line[80];

	read_line(UID_MAP, line, sizeof(line));
	return sscanf(line, "%u %u %u", &inside, &outside, &count) == 3 &&
	       (outside || count != ALL_THE_IDS);
}

void permission_facts_read(struct permission_facts *facts)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	*facts = (struct permission_facts){.user = geteuid()};
	if (!syscall(SYS_capget, &header, data))
		facts->capabilities = data[0].effective | (uint64_t)data[1].effective << 32;
	facts->in_user_namespace = in_user_namespace();
	facts->filtered = prctl(PR_GET_SECCOMP) == 2;
	read_lockdown(facts->lockdown, sizeof(facts->lockdown));
}

bool permission_given(const struct permission_facts *facts, enum permission what)
{
	if (what == PERMISSION_MOUNT)
		return facts->capabilities & BIT(CAP_SYS_ADMIN);
	if (what == PERMISSION_FILE)
		return facts->capabilities & BIT(CAP_DAC_OVERRIDE);
	for (size_t i = 0; i < NEEDED_COUNT; i++)
		if (lacks(facts, i))
			return false;
	return true;
}

/* "CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN" */
static void name_what_lacks(const struct permission_facts *facts, enum permission what, char *text,
			    size_t bytes)
{
	size_t at = 0, left = 0;

	if (what != PERMISSION_BPF) {
		snprintf(text, bytes, "%s",
			 what == PERMISSION_MOUNT ? "CAP_SYS_ADMIN" : "CAP_DAC_OVERRIDE");
		return;
	}
	text[0] = '\0';
	for (size_t i = 0; i < NEEDED_COUNT; i++)
		left += lacks(facts, i);
	for (size_t i = 0; i < NEEDED_COUNT && left; i++)
		if (lacks(facts, i)) {
			left--;
			at += snprintf(text + at, bytes - at, "%s%s", needed_for_bpf[i].name,
				       left > 1 ? ", " :
				       left	? " and " :
						  "");
		}
}

void permission_explain(const struct permission_facts *facts, enum permission what, int err,
			char hint[PERMISSION_HINT_MAX])
{
	bool given = permission_given(facts, what);
	char missing[64];

	hint[0] = '\0';
	if (err != -EPERM && err != -EACCES)
		return;
	name_what_lacks(facts, what, missing, sizeof(missing));
	if (facts->user && !given)
		snprintf(hint, PERMISSION_HINT_MAX, "; run as root%s%s",
			 what == PERMISSION_BPF ? ", or with " : "",
			 what == PERMISSION_BPF ? missing : "");
	else if (facts->in_user_namespace)
		snprintf(
			hint, PERMISSION_HINT_MAX,
			"; this is root of a user namespace only: run it outside of the namespace");
	else if (!given)
		snprintf(
			hint, PERMISSION_HINT_MAX,
			"; root lacks %s here: give it to this container, or to the unit that starts it",
			missing);
	else if (what == PERMISSION_BPF && facts->lockdown[0])
		snprintf(hint, PERMISSION_HINT_MAX, "; the kernel is locked down (%s), see %s",
			 facts->lockdown, LOCKDOWN);
	else if (facts->filtered)
		snprintf(
			hint, PERMISSION_HINT_MAX,
			"; a seccomp filter forbids it: a container's profile, or SystemCallFilter= of the unit");
	else
		snprintf(
			hint, PERMISSION_HINT_MAX,
			"; a security module forbids it (SELinux, AppArmor, BPF LSM): the kernel's log may say which");
}

const char *permission_hint(enum permission what, int err, char hint[PERMISSION_HINT_MAX])
{
	struct permission_facts facts;

	permission_facts_read(&facts);
	permission_explain(&facts, what, err, hint);
	return hint;
}
