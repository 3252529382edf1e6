/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps, and how the steps reach them. The accessors come twice: from kernel maps (here, below) and
 * from plain memory (maps_native.h). What looks inside an entry is in the step that owns it.
 *
 *   bucket_at(i)  bloom_at(i)  recent_sites()  limiter_at(i)  local_at(i)  icmpv6_type_at(type)  limit_at(id)
 *   prefix_bucket_at(i)  prefix_lengths_at(slot)
 *   special_at(i)  gate_table()  gate_page_at(i)  site_rules()
 *   iface_policy()  counters_of(cpu)  samples_of(cpu)  this_cpu()
 *   config  config_seed()         what was decided at load
 *   clock_ticks()  clock_exact()  now, in units of 16 ns: cheap and coarse; exact
 *   skips(STEP)                   what a benchmark leaves out
 *   kernel_forwards(frame, packet) by the kernel's routes, which no table of ours lags behind
 *   last_step()  given_direction()  what replay asked for; constants elsewhere
 *   result_is_wanted()            by replay
 *   frame_wire_length()           bytes of the whole frame, buffers behind the first included
 *   s64_loop(most, step, state)   step(i, state) until it returns other than 0; checked once, however often it runs
 *
 * An accessor of an index out of bounds returns NULL, which no caller lets happen.
 */
#ifndef SLASH64_BPF_TABLES_H
#define SLASH64_BPF_TABLES_H

#include <slash64/icmpv6.h>
#include <slash64/maps.h>
#include <slash64/special_prefixes.h>

#include "packet.h"

#ifdef __bpf__
#include "maps_kernel.h"
#else
#include "maps_native.h"
#endif

#endif
