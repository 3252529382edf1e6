// SPDX-License-Identifier: GPL-2.0-only
#include "drivers.h"

#include <stddef.h>
#include <string.h>

/* MTUs: what a buffer has left of its page or half page behind headroom, struct skb_shared_info,
 * the Ethernet header, tags and the checksum, as far as the driver counts them.
 */
static const struct driver drivers[] = {
	{"atlantic", 5, 19, 5, 19, 0, RESET_LINK, false},
	{"bnxt_en", 4, 10, 5, 19, 3498, RESET_RINGS, false},
	{"bonding", 5, 15, 0, 0, 0, RESET_NONE, false}, /* if each of its ports can */
	{"cpsw", 5, 3, 0, 0, 1500, RESET_RINGS, false},
	{"cpsw-switch", 5, 8, 0, 0, 1500, RESET_RINGS, false},
	{"ena", 5, 6, 0, 0, 3498, RESET_RINGS, false},
	{"fec", 6, 2, 0, 0, 0, RESET_RINGS, false},
	{"fsl_dpaa2_eth", 5, 0, 0, 0, 0, RESET_RINGS, false},
	{"fsl_dpa", 5, 11, 0, 0, 0, RESET_RINGS, false},
	{"fsl_enetc", 5, 13, 6, 3, 0, RESET_RINGS, false},
	{"gve", 6, 4, 0, 0, 2032, RESET_RINGS, false},
	{"hv_netvsc", 5, 6, 0, 0, 3506, RESET_NONE, true},
	{"i40e", 4, 13, 6, 4, 3050, RESET_LINK, false},
	{"ice", 5, 5, 6, 3, 3046, RESET_RINGS, false},
	{"igb", 5, 10, 0, 0, 3046, RESET_LINK, false},
	{"igc", 5, 13, 0, 0, 1500, RESET_LINK, false},
	{"ixgbe", 4, 12, 0, 0, 3050, RESET_LINK, false},
	{"ixgbevf", 4, 17, 0, 0, 3050, RESET_RINGS, false},
	{"mana", 5, 17, 0, 0, 3506, RESET_RINGS, false},
	{"mlx4_en", 4, 8, 0, 0, 3418, RESET_RINGS, false},
	{"mlx5_core", 4, 9, 6, 4, 3498, RESET_RINGS, true},
	{"mvneta", 5, 5, 5, 18, 3520, RESET_RINGS, false},
	{"mvpp2", 5, 9, 0, 0, 0, RESET_RINGS, false},
	{"nfp", 4, 10, 0, 0, 0, RESET_RINGS, false},
	{"nicvf", 4, 12, 0, 0, 1508, RESET_RINGS, false},
	{"qede", 4, 10, 0, 0, 0, RESET_RINGS, false},
	{"rvu_nicpf", 5, 16, 0, 0, 1508, RESET_RINGS, false},
	{"rvu_nicvf", 5, 16, 0, 0, 1508, RESET_RINGS, false},
	{"sfc", 5, 5, 0, 0, 0, RESET_RINGS, false},
	{"st_gmac", 5, 13, 0, 0, 1500, RESET_RINGS, false},
	{"tun", 4, 14, 4, 14, 0, RESET_NONE, false},
	{"veth", 4, 19, 5, 18, 3520, RESET_NONE, false},
	{"virtio_net", 4, 10, 6, 3, 3506, RESET_NONE, false},
};

const struct driver *driver_find(const char *name)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (!strcmp(drivers[i].name, name))
			return &drivers[i];
	return NULL;
}
