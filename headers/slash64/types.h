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

/* A mistake, one of those that the explorer or the model is to find (selftests/unit/explore/mistakes,
 * selftests/model/mistakes): it is made where the build says -DS64_MISTAKE_NAME=1, and nowhere else.
 */
#define S64_MISTAKE(name)	      S64_MISTAKE_IS(S64_MISTAKE_##name)
#define S64_MISTAKE_IS(value)	      S64_MISTAKE_MARK(value)
#define S64_MISTAKE_MARK(value)	      S64_MISTAKE_PICK(S64_MISTAKE_MADE_##value true, false, )
#define S64_MISTAKE_MADE_1	      0,
#define S64_MISTAKE_PICK(...)	      S64_MISTAKE_SECOND(__VA_ARGS__)
#define S64_MISTAKE_SECOND(a, b, ...) b

/* Memory that another processor writes, or reads, at the same time. Every access to it is one of these words, in the
 * fast path and in the controller, so that whoever builds it natively can put his own in their place: the explorer of
 * interleavings does (selftests/unit/explore), where each is a point at which another processor may go on. What the
 * protocols rely on is in docs/architecture.md.
 *
 * A word is read or written once, whole, and nothing is ordered by that.
 */
#ifdef S64_ACCESS_HEADER
#include S64_ACCESS_HEADER
#else
#define S64_READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define S64_WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

/* Several words that something else protects: a word that is written behind them says that they are there. They may be
 * read and written in any order, and in parts.
 */
#define S64_READ(x)		(x)
#define S64_WRITE(x, v)		((x) = (v))
#define S64_GET(to, from, n)	memcpy(to, from, n)
#define S64_PUT(to, from, n)	memcpy(to, from, n)
#define S64_FILL(to, byte, n)	memset(to, byte, n)

/* What was there before is returned, and where that is used, all memory is ordered by it: before stays before, after
 * stays after (a compare-and-swap that is lost orders only what comes after). Where it is not used, a compiler for
 * BPF may choose an instruction that orders nothing.
 */
#define S64_CAS(p, old, new)	__sync_val_compare_and_swap(p, old, new)
#define S64_FETCH_OR(p, v)	__sync_fetch_and_or(p, v)
#define S64_FETCH_AND(p, v)	__sync_fetch_and_and(p, v)
#define S64_FETCH_ADD(p, v)	__sync_fetch_and_add(p, v)

/* For the controller: BPF has no such instructions. */
#define S64_STORE_RELEASE(x, v) __atomic_store_n(&(x), v, __ATOMIC_RELEASE)
#define S64_LOAD_ACQUIRE(x)	__atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define S64_FENCE()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define S64_FENCE_ACQUIRE()	__atomic_thread_fence(__ATOMIC_ACQUIRE)

/* For the fast path instead: the same value, but what it is the address of is read behind the load of `seen`, on any
 * processor, as an address that depends on a load waits for it. A branch does not order two loads. Where the machine
 * that a program is built for has its loads in order, it is for the compiler alone, which keeps those of READ_ONCE so.
 */
#ifdef S64_MEMORY_IN_ORDER
#define S64_MEMORY_IS_IN_ORDER true
#define S64_AFTER(value, seen) (value)
#else
#define S64_MEMORY_IS_IN_ORDER false
#define S64_AFTER(value, seen)                                   \
	({                                                       \
		__u64 s64_seen_ = (seen), s64_same_ = s64_seen_; \
		asm volatile("" : "+r"(s64_same_));              \
		(value) ^ s64_same_ ^ s64_seen_;                 \
	})

#endif

/* A value that comes from `seen` anyhow. */
#define S64_FROM(value, seen) (value)

/* What was found at such an address. */
#define S64_FOUND(p)	      (p)
#endif

/* Bytes of a packet -> integers in host order. The pointers need no alignment. clang splits a memcpy of
 * unknown alignment into single bytes for BPF, where the machines that matter load unaligned words.
 */
#ifdef __bpf__
#define S64_LOAD(type, p) (*(const type *)(const void *)(p))
#else
#define S64_LOAD(type, p)                                       \
	({                                                      \
		type s64_v_;                                    \
		__builtin_memcpy(&s64_v_, (p), sizeof(s64_v_)); \
		s64_v_;                                         \
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
