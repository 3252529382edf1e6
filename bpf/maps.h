/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps, and how the steps reach them: kernel maps (maps_kernel.h), or plain memory in their place
 * (maps_native.h). Code that interprets an entry is in the step that owns it. Both headers have
 *
 *   S64_AT(name, i)                 an entry of a map of S64_MAPS
 *   this_cpu()
 *   config  config_seed()           fixed when the program is loaded
 *   clock_ticks()  clock_exact()    now, in units of 16 ns: cheap and coarse; exact
 *   skips(STEP)                     steps that a benchmark leaves out
 *   kernel_forwards(frame, packet)  asks the kernel's routes, which never lag
 *   last_step()  test_direction()  set by a replay; constants elsewhere
 *   result_is_wanted()              by a replay
 *   frame_wire_length()             bytes of the whole frame, including further buffers
 *   s64_loop(most, step, state)     calls step(i, state) until it returns nonzero; verified once
 *
 * S64_AT and the accessors below return NULL for an index out of bounds, which no caller uses.
 */
#ifndef SLASH64_BPF_MAPS_H
#define SLASH64_BPF_MAPS_H

#include <slash64/map_list.h>

#include "packet.h"

#ifdef __bpf__
#include "maps_kernel.h"
#else
#include "maps_native.h"
#endif

static __always_inline __u8 iface_slot(void)
{
	return config.iface_slot;
}

static __always_inline const struct s64_bucket *bucket_at(__u32 i)
{
	return S64_AT(blocks, i);
}

static __always_inline const struct s64_bloom_line *bloom_at(__u32 i)
{
	return S64_AT(bloom, i);
}

static __always_inline struct s64_block_cache *block_cache(void)
{
	return S64_AT(block_cache, 0);
}

static __always_inline struct s64_limiter_bucket *limiter_at(__u32 i)
{
	return S64_AT(limiter, i);
}

static __always_inline const struct s64_bucket *local_at(__u32 i)
{
	return S64_AT(local, i);
}

static __always_inline const struct s64_special *special_at(__u32 i)
{
	return S64_AT(special, i);
}

static __always_inline const struct s64_source_index_page *source_index_page_at(__u32 i)
{
	return S64_AT(index_page, i);
}

static __always_inline const __u8 *source_index_table(void)
{
	struct s64_source_index *table = S64_AT(index, 0);

	return table ? table->entry : NULL;
}

static __always_inline const struct s64_source_rules *source_rules(void)
{
	return S64_AT(rules, 0);
}

static __always_inline const struct s64_bucket *prefix_bucket_at(__u32 i)
{
	return S64_AT(prefixes, i);
}

static __always_inline const struct s64_prefix_lengths *prefix_lengths_at(__u32 slot)
{
	return S64_AT(lengths, slot);
}

static __always_inline const struct s64_icmpv6_type *icmpv6_type_at(__u8 type)
{
	return S64_AT(icmpv6, type);
}

static __always_inline const struct s64_limit *limit_at(__u32 id)
{
	return S64_AT(limits, config.iface_slot * S64_LIMIT_MAX + id);
}

static __always_inline const struct s64_iface_policy *iface_policy(void)
{
	return S64_AT(policy, config.iface_slot);
}

static __always_inline struct s64_counters *counters_of(__u32 cpu)
{
	return S64_AT(counters, config.counters + cpu);
}

static __always_inline struct s64_samples *samples_of(__u32 cpu)
{
	return S64_AT(samples, cpu);
}

static __always_inline const struct s64_exact_asked *exact_asked(void)
{
	return S64_AT(exact_asked, 0);
}

static __always_inline struct s64_exact_counts *exact_counts(void)
{
	return S64_AT(exact, this_cpu());
}

static __always_inline struct s64_proof *proof_notes(void)
{
	return S64_AT(proof, 0);
}

static __always_inline struct s64_proven_set *proven_set_at(__u32 i)
{
	return S64_AT(proven, i);
}

/* As it was written before the word that was seen beside the counters. */
static __always_inline const struct s64_capture *capture_asked(__u32 seen)
{
	(void)seen;
	return S64_AT(capture, S64_MISTAKE(CAPTURE_LOAD) ? 0 : S64_AFTER(0, seen));
}

#endif
