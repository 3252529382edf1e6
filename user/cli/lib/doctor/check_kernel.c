// SPDX-License-Identifier: GPL-2.0-only
#include "check_kernel.h"

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "sysfile.h"
#include "base/text/language.h"

#define BPFFS "/sys/fs/bpf"

bool check_kernel(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding)
{
	if (!doctor_kernel_is(doctor, DOCTOR_KERNEL_MAJOR, DOCTOR_KERNEL_MINOR))
		return finding_set(finding, FINDING_PROBLEM,
				   _("Linux %s: slash64 needs %d.%d\ninstall a newer kernel, of "
				     "Debian 12 or later"),
				   doctor->kernel, DOCTOR_KERNEL_MAJOR, DOCTOR_KERNEL_MINOR);
	return finding_set(finding, FINDING_OK, _("Linux %s"), doctor->kernel);
}

bool check_btf(const struct doctor *doctor, const struct doctor_iface *iface,
	       struct finding *finding)
{
	char path[PATH_MAX];

	if (sysfile_exists(sysfile_path(doctor->root, path, "/sys/kernel/btf/vmlinux")))
		return finding_set(finding, FINDING_OK, _("the kernel has its types (BTF)"));
	return finding_set(finding, FINDING_WARNING,
			   _("the kernel has no BTF: no dispatcher, so slash64 is alone on its "
			     "interfaces\na kernel with CONFIG_DEBUG_INFO_BTF=y has it"));
}

/* What is asked for is what slash64d needs, not what this command needs. */
bool check_rights(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding)
{
	char hint[PERMISSION_HINT_MAX];
	bool bpf = permission_given(&doctor->rights, PERMISSION_BPF);
	const char *what;

	if (bpf && !doctor->rights.in_user_namespace)
		return finding_set(finding, FINDING_OK,
				   _("user %u may load programs and attach them%s"),
				   doctor->rights.user,
				   doctor->rights.filtered ?
					   ", as far as its seccomp filter lets it" :
					   "");
	permission_explain(&doctor->rights, PERMISSION_BPF, -EPERM, hint);
	what = hint + strspn(hint, "; ");
	if (doctor->rights.user)
		return finding_set(finding, FINDING_WARNING,
				   _("user %u may not attach, and not see everything: programs of "
				     "others, and what only root can read\n%s"),
				   doctor->rights.user, what);
	return finding_set(finding, FINDING_PROBLEM, _("attaching is not permitted here\n%s"),
			   what);
}

/* "integrity" still lets BPF read packets; "confidentiality" takes what reads kernel memory. */
bool check_lockdown(const struct doctor *doctor, const struct doctor_iface *iface,
		    struct finding *finding)
{
	const char *level = doctor->rights.lockdown;

	if (!*level)
		return finding_set(finding, FINDING_OK, _("the kernel is not locked down"));
	if (!strcmp(level, "confidentiality"))
		return finding_set(
			finding, FINDING_WARNING,
			_("confidentiality: what reads kernel memory is refused. The filter "
			  "does not; if attaching fails, this is the first suspect\n"
			  "lockdown=integrity on the kernel's command line"));
	return finding_set(finding, FINDING_OK, _("%s: loading programs is permitted"), level);
}

bool check_jit(const struct doctor *doctor, const struct doctor_iface *iface,
	       struct finding *finding)
{
	char path[PATH_MAX];
	int64_t on;
	int err = sysfile_number(sysfile_path(doctor->root, path,
					      "/proc/sys/net/core/bpf_jit_enable"),
				 &on);

	if (err == -EACCES || err == -EPERM)
		return finding_set(finding, FINDING_WARNING,
				   _("whether the kernel compiles programs only root can see\n"
				     "run it as root"));
	if (err)
		return false;
	if (!on)
		return finding_set(finding, FINDING_WARNING,
				   _("the kernel interprets programs, which is many times slower\n"
				     "sysctl -w net.core.bpf_jit_enable=1"));
	return finding_set(finding, FINDING_OK, _("the kernel compiles programs (JIT)"));
}

bool check_unprivileged(const struct doctor *doctor, const struct doctor_iface *iface,
			struct finding *finding)
{
	char path[PATH_MAX];
	int64_t off;

	if (sysfile_number(sysfile_path(doctor->root, path,
					"/proc/sys/kernel/unprivileged_bpf_disabled"),
			   &off))
		return false;
	if (!off)
		return finding_set(finding, FINDING_WARNING,
				   _("every user of this machine may load BPF programs\n"
				     "sysctl -w kernel.unprivileged_bpf_disabled=1"));
	return finding_set(finding, FINDING_OK, _("users without rights load no BPF programs"));
}

bool check_bpffs(const struct doctor *doctor, const struct doctor_iface *iface,
		 struct finding *finding)
{
	char path[PATH_MAX];
	struct statfs fs;

	sysfile_path(doctor->root, path, BPFFS);
	if (!statfs(path, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC)
		return finding_set(finding, FINDING_OK, _("mounted on " BPFFS));
	if (permission_given(&doctor->rights, PERMISSION_MOUNT))
		return finding_set(finding, FINDING_OK,
				   _("not mounted on " BPFFS
				     "; slash64d does that when it starts"));
	return finding_set(finding, FINDING_WARNING,
			   _("not mounted on " BPFFS ", and this user may not\n"
			     "mount -t bpf bpf " BPFFS));
}

static bool any_exists(const char *pattern)
{
	glob_t found;
	bool any = !glob(pattern, GLOB_NOSORT, NULL, &found);

	globfree(&found);
	return any;
}

/* libxdp's object, which its first attachment to an interface loads. */
bool check_libxdp(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding)
{
	static const char *const places[] = {"/usr/lib/*/bpf", "/usr/lib/bpf", "/usr/lib64/bpf",
					     "/usr/local/lib/bpf", "/usr/local/lib/*/bpf"};
	const char *own = getenv("LIBXDP_OBJECT_PATH");
	char path[PATH_MAX];
	bool any = own && any_exists(sysfile_path(own, path, "/xdp-dispatcher.o"));

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !any; i++)
		any = any_exists(
			sysfile_path(doctor->root, path, "%s/xdp-dispatcher.o", places[i]));
	if (any)
		return finding_set(finding, FINDING_OK,
				   _("its dispatcher is there: other XDP programs can join"));
	return finding_set(
		finding, FINDING_WARNING,
		_("its dispatcher (xdp-dispatcher.o) is missing: slash64 attaches alone, "
		  "and other XDP programs cannot join\napt install libxdp1"));
}
