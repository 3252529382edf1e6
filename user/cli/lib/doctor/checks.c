// SPDX-License-Identifier: GPL-2.0-only
/* The table of checks, in the order in which somebody mends what they find. */
#include "check_adapters.h"
#include "check_attach.h"
#include "check_daemon.h"
#include "check_ipv6.h"
#include "check_kernel.h"
#include "check_offloads.h"
#include "check_place.h"
#include "check_queues.h"
#include "check_state.h"

const struct doctor_check doctor_checks[] = {
	{"kernel", false, check_kernel},
	{"btf", false, check_btf},
	{"rights", false, check_rights},
	{"lockdown", false, check_lockdown},
	{"unprivileged-bpf", false, check_unprivileged},
	{"jit", false, check_jit},
	{"bpffs", false, check_bpffs},
	{"libxdp", false, check_libxdp},

	{"attach", true, check_attach},
	{"link", true, check_link},
	{"driver", true, check_driver},
	{"mtu", true, check_mtu},
	{"reset", true, check_reset},
	{"programs", true, check_programs},
	{"bond", true, check_bond},
	{"bridge", true, check_bridge},
	{"vlan", true, check_vlan},
	{"vlan-tags", true, check_vlan_tags},
	{"lro", true, check_lro},
	{"gro-hw", true, check_gro_hw},
	{"guest-offloads", true, check_guest_offloads},
	{"queues", true, check_queues},
	{"irqs", true, check_irqs},
	{"rss", true, check_rss},
	{"ipv6", true, check_ipv6},
	{"ra", true, check_ra},

	{"forwarding", false, check_forwarding},
	{"neighbours", false, check_neighbours},

	{"slash64d", false, check_slash64d},
	{"groups", false, check_groups},
	{"configuration", false, check_configuration},
	{"health", false, check_health},
	{"store", false, check_store},
	{"disk", false, check_disk},
	{"clock", false, check_clock},
	{"feeds", false, check_feeds},
	{"adapters", false, check_adapters},
	{},
};
