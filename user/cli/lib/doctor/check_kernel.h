/* SPDX-License-Identifier: GPL-2.0-only */
/* Does the kernel take slash64's programs? */
#ifndef SLASH64_CLI_LIB_DOCTOR_CHECK_KERNEL_H
#define SLASH64_CLI_LIB_DOCTOR_CHECK_KERNEL_H

#include "doctor.h"

bool check_kernel(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding);
bool check_btf(const struct doctor *doctor, const struct doctor_iface *iface,
	       struct finding *finding);
bool check_rights(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding);
bool check_lockdown(const struct doctor *doctor, const struct doctor_iface *iface,
		    struct finding *finding);
bool check_jit(const struct doctor *doctor, const struct doctor_iface *iface,
	       struct finding *finding);
bool check_unprivileged(const struct doctor *doctor, const struct doctor_iface *iface,
			struct finding *finding);
bool check_bpffs(const struct doctor *doctor, const struct doctor_iface *iface,
		 struct finding *finding);
bool check_libxdp(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding);

#endif
