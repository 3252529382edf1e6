/* SPDX-License-Identifier: GPL-2.0-only */
/* Why something was not permitted and what to do, for the end of an error line. Somebody who is not
 * root is told to become root; root is told what restricts it here.
 */
#ifndef SLASH64_BASE_PERMISSION_H
#define SLASH64_BASE_PERMISSION_H

#include <stdbool.h>
#include <stdint.h>

#define PERMISSION_HINT_MAX 192

/* What was attempted. */
enum permission {
	PERMISSION_BPF,	  /* creating maps, loading programs and attaching them */
	PERMISSION_MOUNT, /* bpffs */
	PERMISSION_FILE,  /* a file or directory owned by root */
};

struct permission_facts {
	unsigned int user;	/* the user it runs as */
	uint64_t capabilities;	/* effective capabilities, a bit each */
	bool in_user_namespace; /* in another user namespace than the machine's */
	bool filtered;		/* a seccomp filter is in force */
	char lockdown[24];	/* the kernel's lockdown mode; "" if there is none */
};

void permission_facts_read(struct permission_facts *facts);

/* Does it have the required capabilities? */
bool permission_given(const struct permission_facts *facts, enum permission what);

/* "; run as root", or similar, for a call that failed with `err`; "" if permission was not the
 * cause.
 */
void permission_explain(const struct permission_facts *facts, enum permission what, int err,
			char hint[PERMISSION_HINT_MAX]);

/* The same for this process. Returns `hint`. */
const char *permission_hint(enum permission what, int err, char hint[PERMISSION_HINT_MAX]);

#endif
