/* SPDX-License-Identifier: GPL-2.0-only */
/* The integer types and the few compiler macros that both sides share.
 *
 * The steps of the datapath are plain C over pointers. They are compiled twice from the same
 * source: by clang for the kernel (__bpf__ is defined) and natively, for the controller and the
 * tests.
 */
#ifndef SLASH64_TYPES_H
#define SLASH64_TYPES_H

/* The Makefile says so too, in one line. */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "slash64 is written for little-endian machines"
#endif

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* Before a loop that must be unrolled for the verifier, or must not be. */
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

/* A planted mistake that the explorer or the model has to find (selftests/datapath/explore/mistakes,
 * selftests/daemon/model/mistakes). Enabled only by -DS64_MISTAKE_NAME=1.
 */
#define S64_MISTAKE(name)	      S64_MISTAKE_IS(S64_MISTAKE_##name)
#define S64_MISTAKE_IS(value)	      S64_MISTAKE_MARK(value)
#define S64_MISTAKE_MARK(value)	      S64_MISTAKE_PICK(S64_MISTAKE_MADE_##value true, false, )
#define S64_MISTAKE_MADE_1	      0,
#define S64_MISTAKE_PICK(...)	      S64_MISTAKE_SECOND(__VA_ARGS__)
#define S64_MISTAKE_SECOND(a, b, ...) b

/* Access to memory that another CPU reads or writes at the same time. All of it goes through these
 * macros, in the datapath and in the controller, so a native build can replace them: the explorer
 * of interleavings (selftests/datapath/explore) switches to another CPU at each of them.
 * docs/architecture.md has the protocols.
 *
 * A word is read or written once, whole, without any ordering.
 */
#ifdef S64_ACCESS_HEADER
#include S64_ACCESS_HEADER
#else
#define S64_READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define S64_WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

/* Several words protected by another one, which is written after them and announces them. They may
 * be read and written in any order, and in parts.
 */
#define S64_READ(x)		(x)
#define S64_WRITE(x, v)		((x) = (v))
#define S64_GET(to, from, n)	__builtin_memcpy(to, from, n)
#define S64_PUT(to, from, n)	__builtin_memcpy(to, from, n)
#define S64_FILL(to, byte, n)	__builtin_memset(to, byte, n)

/* Return the old value. If it is used, they are full barriers, but for a compare-and-swap that
 * failed, which may order nothing. If it is not used, a compiler for BPF may choose an instruction
 * without ordering.
 */
#define S64_CAS(p, old, new)	__sync_val_compare_and_swap(p, old, new)
#define S64_FETCH_OR(p, v)	__sync_fetch_and_or(p, v)
#define S64_FETCH_AND(p, v)	__sync_fetch_and_and(p, v)
#define S64_FETCH_ADD(p, v)	__sync_fetch_and_add(p, v)

/* For the controller only: BPF has no such instructions. */
#define S64_STORE_RELEASE(x, v) __atomic_store_n(&(x), v, __ATOMIC_RELEASE)
#define S64_LOAD_ACQUIRE(x)	__atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#define S64_FENCE()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define S64_FENCE_ACQUIRE()	__atomic_thread_fence(__ATOMIC_ACQUIRE)

/* For the datapath instead: returns `value`, but an access to that address happens after the load
 * of `seen` on any CPU, because the address depends on that load. A branch does not order two
 * loads. On machines that keep loads in order, only the compiler has to be kept from reordering,
 * and it does not reorder READ_ONCE. S64_AFTER_WITHIN is for an index, and keeps it below `count`
 * for the verifier.
 *
 * Where what was loaded is compared with something first, `seen` is S64_SEEN of it, taken before:
 * the compiler knows that both are equal behind the comparison, and would make the address depend
 * on the other one.
 */
#ifdef S64_MEMORY_IN_ORDER
#define S64_MEMORY_IS_IN_ORDER		 true
#define S64_SEEN(word)			 (word)
#define S64_AFTER(value, seen)		 ((void)(seen), (value))
#define S64_AFTER_WITHIN(i, seen, count) ((void)(seen), (i))
#else
#define S64_MEMORY_IS_IN_ORDER false
#define S64_SEEN(word)                                \
	({                                            \
		__u64 s64_hidden_ = (word);           \
		asm volatile("" : "+r"(s64_hidden_)); \
		s64_hidden_;                          \
	})
#define S64_AFTER_WITHIN(i, seen, count)           \
	({                                         \
		__u64 s64_i_ = S64_AFTER(i, seen); \
		s64_i_ < (count) ? s64_i_ : 0;     \
	})
#define S64_AFTER(value, seen)                                   \
	({                                                       \
		__u64 s64_seen_ = (seen), s64_same_ = s64_seen_; \
		asm volatile("" : "+r"(s64_same_));              \
		(value) ^ s64_same_ ^ s64_seen_;                 \
	})

#endif

/* A value that depends on `seen` already. */
#define S64_FROM(value, seen) (value)

/* What was found at such an address. */
#define S64_FOUND(p)	      (p)
#endif

/* Bytes of a packet to integers in host order. Pointers need no alignment. For BPF, clang splits a
 * memcpy of unknown alignment into single bytes, although the machines that matter load unaligned
 * words.
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

#endif
