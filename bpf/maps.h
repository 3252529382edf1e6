/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps, and how the steps reach them. There are two sets of accessors: for kernel maps
 * (maps_kernel.h) and for plain memory (maps_native.h). Code that interprets an entry is in the
 * step that owns it.
 *
 *   bucket_at(i)  bloom_at(i)  block_cache()  limiter_at(i)  local_at(i)  icmpv6_type_at(type)  limit_at(id)
 *   prefix_bucket_at(i)  prefix_lengths_at(slot)
 *   special_at(i)  source_index_table()  source_index_page_at(i)  source_rules()
 *   iface_policy()  counters_of(cpu)  samples_of(cpu)  this_cpu()
 *   config  config_seed()           fixed when the program is loaded
 *   clock_ticks()  clock_exact()    now, in units of 16 ns: cheap and coarse; exact
 *   skips(STEP)                     steps that a benchmark leaves out
 *   kernel_forwards(frame, packet)  asks the kernel's routes, which never lag
 *   last_step()  test_direction()  set by a replay; constants elsewhere
 *   result_is_wanted()              by a replay
 *   frame_wire_length()             bytes of the whole frame, including further buffers
 *   s64_loop(most, step, state)     calls step(i, state) until it returns nonzero; verified once
 *
 * An accessor returns NULL for an index out of bounds, which no caller uses.
 */
#ifndef SLASH64_BPF_MAPS_H
#define SLASH64_BPF_MAPS_H

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
