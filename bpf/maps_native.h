/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps as plain memory, for the native build of the steps. One set at a time is in use. */
#ifndef SLASH64_BPF_MAPS_NATIVE_H
#define SLASH64_BPF_MAPS_NATIVE_H

#ifndef SLASH64_BPF_MAPS_H
#error "include maps.h"
#endif

struct s64_native {
	struct s64_config config;
	S64_MAPS(S64_MAP_POINTER) /* meta tells their sizes */
	__u64 now;		  /* units of 16 ns */
	enum s64_step step;
	enum s64_test_direction direction;
	bool keeps_all; /* what the kernel forwards: nothing */
	/* lookups until one fails, counted down; 0: none fails */
	__u32 looks;
	/* the rings of a capture; NULL: there are none */
	bool (*capture_put)(const struct s64_capture_record *head);
};

extern struct s64_native *s64_native;

#define config	    (s64_native->config)
#define skips(step) (config.skip & S64_SKIP_##step)

/* In the kernel, every lookup may fail, as far as the verifier knows. */
static inline bool look_fails(void)
{
	return s64_native->looks && !--s64_native->looks;
}

/* The explorer's clock advances while a packet is processed. */
#ifndef S64_NOW
#define S64_NOW(clock) (clock)
#endif

#define S64_NATIVE_ENTRIES(id, name, type, entries)                               \
	static inline __u32 native_entries_of_##name(const struct s64_meta *meta) \
	{                                                                         \
		(void)meta;                                                       \
		return entries;                                                   \
	}
S64_MAPS(S64_NATIVE_ENTRIES)

#define S64_AT(name, index)                                                              \
	({                                                                               \
		__u32 s64_key_ = (index);                                                \
		!look_fails() && s64_key_ < native_entries_of_##name(s64_native->meta) ? \
			S64_FOUND(&s64_native->name[s64_key_]) :                         \
			NULL;                                                            \
	})

static inline struct s64_seed config_seed(void)
{
	return config.seed;
}

static inline __u32 this_cpu(void)
{
	return 0;
}

static inline __u64 clock_ns(void)
{
	return S64_NOW(s64_native->now) << S64_TAT_NS_SHIFT;
}

static inline bool capture_put(s64_frame *frame, const struct s64_capture_record *head)
{
	(void)frame;
	return s64_native->capture_put && s64_native->capture_put(head);
}

static inline __u64 clock_jiffies(void)
{
	return S64_NOW(s64_native->now);
}

static inline __u64 clock_ticks(void)
{
	return S64_NOW(s64_native->now);
}

static inline __u64 clock_exact(void)
{
	return S64_NOW(s64_native->now);
}

static inline void s64_loop(__u32 most, long (*step)(__u32 i, void *state), void *state)
{
	for (__u32 i = 0; i < most && !step(i, state); i++)
		;
}

static inline __u32 frame_wire_length(s64_frame *frame, const __u8 *data, const __u8 *data_end)
{
	(void)data;
	(void)data_end;
	return frame->wire_length;
}

static inline enum s64_step last_step(void)
{
	return s64_native->step;
}

static inline enum s64_test_direction test_direction(void)
{
	return s64_native->direction;
}

static inline bool kernel_forwards(s64_frame *frame, const struct s64_packet *packet)
{
	(void)frame;
	(void)packet;
	return !s64_native->keeps_all;
}

#endif
