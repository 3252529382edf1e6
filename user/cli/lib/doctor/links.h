/* SPDX-License-Identifier: GPL-2.0-only */
/* The links of this network namespace, and their XDP programs and features, by netlink: nobody
 * needs rights for that.
 */
#ifndef SLASH64_CLI_LIB_DOCTOR_LINKS_H
#define SLASH64_CLI_LIB_DOCTOR_LINKS_H

#include "doctor.h"

/* Bits of the netdev family (Linux 6.3); headers of 6.1 do not have them. */
#define XDP_FEATURE_BASIC 1u
#define XDP_FEATURE_RX_SG 32u

/* Fills in doctor->link. */
int links_read(struct doctor *doctor, struct error *error);

/* A link by any of its names, or NULL. */
const struct doctor_link *links_find(const struct doctor *doctor, const char *name);

/* The features of a driver, as the kernel tells them. -EOPNOTSUPP before Linux 6.3. */
int links_xdp_features(unsigned int index, uint64_t *features);

#endif
