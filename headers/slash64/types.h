/* SPDX-License-Identifier: GPL-2.0-only */
/* The integer types and the few compiler words that both sides share.
 *
 * The steps of the fast path are plain C over pointers. They are compiled twice from the same source:
 * by clang for the kernel (__bpf__ is defined) and natively, for the controller and for the tests.
 */
#ifndef SLASH64_TYPES_H
#define SLASH64_TYPES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* Before a loop that the kernel is to see unrolled, or as it is. */
#ifdef __clang__
#define S64_UNROLL    _Pragma("clang loop unroll(full)")
#define S64_NO_UNROLL _Pragma("clang loop unroll(disable)")
#else
#define S64_UNROLL    _Pragma("GCC unroll 16")
#define S64_NO_UNROLL _Pragma("GCC unroll 1")
#endif

#define S64_LIKELY(x)	__builtin_expect(!!(x), 1)
#define S64_UNLIKELY(x) __builtin_expect(!!(x), 0)

#define S64_CACHE_LINE 64

/* A word that another processor writes at the same time: read or written once, whole. */
#define S64_READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define S64_WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

/* Bytes of a packet -> integers in host order. The pointers need no alignment. clang splits a memcpy of
 * unknown alignment into single bytes for BPF, where the machines that matter load unaligned words.
 */
#ifdef __bpf__
#define S64_LOAD(type, p) (*(const type *)(const void *)(p))
#else
#define S64_LOAD(type, p)                                                                          \
	({                                                                                         \
		type s64_v_;                                                                       \
		__builtin_memcpy(&s64_v_, (p), sizeof(s64_v_));                                    \
		s64_v_;                                                                            \
	})
#endif

static __always_inline __u16 s64_load_be16(const __u8 *p)
{
	return __builtin_bswap16(S64_LOAD(__u16, p));
}

static __always_inline __u32 s64_load_be32(const __u8 *p)
{
	return __builtin_bswap32(S64_LOAD(__u32, p));
}

static __always_inline __u64 s64_load_be64(const __u8 *p)
{
	return __builtin_bswap64(S64_LOAD(__u64, p));
}

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "slash64 is written for little-endian machines"
#endif

#endif
