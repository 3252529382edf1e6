/* SPDX-License-Identifier: GPL-2.0-only */
/* Included before the program, to build one that every verifier refuses: no index into memory is
 * masked.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "../../bpf/bits.h"

#define masked(index, mask) (index)
