// SPDX-License-Identifier: GPL-2.0-only
#include "privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "sandbox.h"
#include "daemon.h"
#include "base/log.h"
#include "base/permission.h"
#include "daemon/loop/priority.h"

int privileges_check(struct error *error)
{
	struct permission_facts facts;
	char hint[PERMISSION_HINT_MAX];

	permission_facts_read(&facts);
	if (permission_given(&facts, PERMISSION_BPF))
		return 0;
	permission_explain(&facts, PERMISSION_BPF, -EPERM, hint);
	return error_set(error, -EPERM, "cannot load a BPF program as user %u%s", facts.user, hint);
}

/* libxdp looks up the programs behind its dispatcher by id, which requires CAP_SYS_ADMIN. If a
 * program is attached directly, the kernel has no dispatcher, and there will be none.
 */
static bool needs_sys_admin(const struct daemon *daemon)
{
	bool any = false;

	for (uint32_t i = 0; i < daemon->maps.meta->iface_slots; i++) {
		const struct iface *iface = daemon->ifaces.entry[i];

		if (!iface || !iface->attached)
			continue;
		if (iface->attachment.method == ATTACH_DISPATCHER)
			return true;
		any = true;
	}
	return !any;
}

/* The wanted capabilities that are present: a dropped one cannot be regained. */
static int keep(const cap_value_t *wanted, int count)
{
	cap_t mine = cap_get_proc(), fewer = cap_init();
	int err = mine && fewer ? 0 : -ENOMEM;

	for (int i = 0; i < count && !err; i++) {
		cap_flag_value_t has = CAP_CLEAR;

		cap_get_flag(mine, wanted[i], CAP_PERMITTED, &has);
		if (has == CAP_SET && (cap_set_flag(fewer, CAP_PERMITTED, 1, &wanted[i], CAP_SET) ||
				       cap_set_flag(fewer, CAP_EFFECTIVE, 1, &wanted[i], CAP_SET)))
			err = -errno;
	}
	if (!err && cap_set_proc(fewer))
		err = -errno;
	cap_free(mine);
	cap_free(fewer);
	return err;
}

/* Capabilities for programs that this one would start; it starts none. */
static void drop_bounds(const cap_value_t *wanted, int count)
{
	for (cap_value_t cap = 0; cap <= cap_max_bits() - 1; cap++) {
		bool is_wanted = false;

		for (int i = 0; i < count; i++)
			is_wanted = is_wanted || wanted[i] == cap;
		if (!is_wanted && CAP_IS_SUPPORTED(cap))
			/* needs CAP_SETPCAP, which a service manager may have kept */
			cap_drop_bound(cap);
	}
}

int privileges_drop(const struct daemon *daemon, struct error *error)
{
	cap_value_t wanted[5] = {CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON};
	static bool confined;
	int count = 3, err;

	if (needs_sys_admin(daemon))
		wanted[count++] = CAP_SYS_ADMIN;
	if (priority_takes_capability())
		wanted[count++] = CAP_SYS_NICE;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_set(error, -errno, "cannot give up new privileges: %s",
				 strerror(errno));
	drop_bounds(wanted, count);
	err = keep(wanted, count);
	if (err)
		return error_set(error, err, "cannot give up capabilities: %s", strerror(-err));
	if (confined)
		return 0;
	confined = true;
	return confine(&daemon->config, error);
}
