/* SPDX-License-Identifier: GPL-2.0-only */
/* The accesses to shared memory of types.h, as calls of the explorer's machine (machine.h). */
#ifndef SLASH64_EXPLORE_ACCESS_H
#define SLASH64_EXPLORE_ACCESS_H

enum explore_kind {
	EXPLORE_LOAD,
	EXPLORE_LOAD_ACQUIRE,
	EXPLORE_STORE,
	EXPLORE_STORE_RELEASE,
	EXPLORE_CAS,
	EXPLORE_OR,
	EXPLORE_AND,
	EXPLORE_ADD,
	EXPLORE_FENCE,
	EXPLORE_FENCE_ACQUIRE,
	EXPLORE_CLOCK, /* the newest write, without ordering */
	/* the newest write, ordered with everything: what a CPU learns in other ways than by memory
	 */
	EXPLORE_LOOK,
	EXPLORE_GRACE, /* no packet that began earlier is still being processed */
	EXPLORE_SAY,   /* and a store of that kind */
};

__u64 explore_access(enum explore_kind kind, const volatile void *p, __u32 size, __u64 value,
		     __u64 expected);
void explore_get(void *to, const void *from, size_t bytes);
void explore_put(void *to, const void *from, size_t bytes);
void explore_fill(void *to, int byte, size_t bytes);
__u64 explore_after(__u64 value, __u64 seen);
bool explore_memory_is_in_order(void);
const void *explore_found(const void *p, size_t bytes);

#define EXPLORE_ACCESS(kind, p, v, old) \
	((__typeof__(*(p)))explore_access(kind, p, sizeof(*(p)), (__u64)(v), (__u64)(old)))

#define S64_READ_ONCE(x)	EXPLORE_ACCESS(EXPLORE_LOAD, &(x), 0, 0)
#define S64_WRITE_ONCE(x, v)	((void)EXPLORE_ACCESS(EXPLORE_STORE, &(x), v, 0))
#define S64_READ(x)		S64_READ_ONCE(x)
#define S64_WRITE(x, v)		S64_WRITE_ONCE(x, v)
#define S64_GET(to, from, n)	explore_get(to, from, n)
#define S64_PUT(to, from, n)	explore_put(to, from, n)
#define S64_FILL(to, byte, n)	explore_fill(to, byte, n)
#define S64_CAS(p, old, new)	EXPLORE_ACCESS(EXPLORE_CAS, p, new, old)
#define S64_FETCH_OR(p, v)	EXPLORE_ACCESS(EXPLORE_OR, p, v, 0)
#define S64_FETCH_AND(p, v)	EXPLORE_ACCESS(EXPLORE_AND, p, v, 0)
#define S64_FETCH_ADD(p, v)	EXPLORE_ACCESS(EXPLORE_ADD, p, v, 0)
#define S64_STORE_RELEASE(x, v) ((void)EXPLORE_ACCESS(EXPLORE_STORE_RELEASE, &(x), v, 0))
#define S64_LOAD_ACQUIRE(x)	EXPLORE_ACCESS(EXPLORE_LOAD_ACQUIRE, &(x), 0, 0)
#define S64_FENCE()		((void)explore_access(EXPLORE_FENCE, NULL, 0, 0, 0))
#define S64_FENCE_ACQUIRE()	((void)explore_access(EXPLORE_FENCE_ACQUIRE, NULL, 0, 0, 0))
#define S64_AFTER(value, seen)	((__typeof__(value))explore_after((__u64)(value), (__u64)(seen)))
#define S64_MEMORY_IS_IN_ORDER	explore_memory_is_in_order()
#define S64_FROM(value, seen)	S64_AFTER(value, seen)
#define S64_NOW(clock)		EXPLORE_ACCESS(EXPLORE_CLOCK, &(clock), 0, 0)
#define S64_FOUND(p)		((__typeof__(p))explore_found(p, sizeof(*(p))))

#define S64_SEEN(word)			 (word)
#define S64_AFTER_WITHIN(i, seen, count) S64_AFTER(i, seen)

#endif
