/* SPDX-License-Identifier: GPL-2.0-only */
/* Why it was not permitted, and what to do: the end of an error line. Who is not root is told to be; who is, is told
 * what takes from root what root can do elsewhere.
 */
#ifndef SLASH64_USER_PERMISSION_H
#define SLASH64_USER_PERMISSION_H

#include <stdbool.h>
#include <stdint.h>

#define PERMISSION_HINT_MAX 192

/* What is asked for. */
enum permission {
	PERMISSION_BPF,	  /* to make maps, load programs and attach them */
	PERMISSION_MOUNT, /* bpffs */
	PERMISSION_FILE,  /* a file or directory that is root's */
};

struct permission_facts {
	unsigned int user;	/* as which it runs */
	uint64_t capabilities;	/* that are effective, a bit each */
	bool in_user_namespace; /* other than the machine's own */
	bool filtered;		/* a seccomp filter is in force */
	char lockdown[24];	/* of the kernel; "" where there is none */
};

void permission_facts_read(struct permission_facts *facts);

/* Does it have the capabilities it takes? */
bool permission_given(const struct permission_facts *facts, enum permission what);

/* "; run as root", and the like, for a call that failed with `err`; "" where that is not for want of permission. */
void permission_explain(const struct permission_facts *facts, enum permission what, int err,
			char hint[PERMISSION_HINT_MAX]);

/* The same, of this process. Returns `hint`. */
const char *permission_hint(enum permission what, int err, char hint[PERMISSION_HINT_MAX]);

#endif
