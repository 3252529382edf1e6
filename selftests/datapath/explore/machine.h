/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine of several CPUs, on one thread. Each runs its function as a coroutine, and stops before each access to memory that another one reads or writes too. The caller chooses which CPU continues (search.h).
 * Memory is either in order, with each access seen by all at once, or as on arm64, by the model of views (Pulte and others, Promising-ARM, PLDI 2019) without promises. Memory is one history of writes, and
 *   - a load may see any write to its word that is not older than what its CPU is known to have seen: than what
 *     it saw of that word before, than its last barrier or acquire, and, if its address depends on another load
 *     (S64_AFTER, S64_FROM), than what that load saw. So loads overtake each other, despite branches;
 *   - a store waits in its CPU's buffer, and may be overtaken by loads and by other stores; a release store
 *     leaves it after everything before it;
 *   - an atomic operation is a barrier both ways, as on arm64, where the JIT uses one that returns a value (LSE
 *     with acquire and release, or exclusives and dmb ish). A failed compare-and-swap counts as one too.
 * A load observed after a later store of its own CPU is not in the model: a branch between them prevents it, and none of the protocols here lacks that branch. Words are 8 bytes; two parts of a word do not overtake each other.
 */
#ifndef SLASH64_EXPLORE_MACHINE_H
#define SLASH64_EXPLORE_MACHINE_H

#include <slash64/types.h>
#include <stdint.h>

#define EXPLORE_CPUS 17

enum explore_memory {
	EXPLORE_IN_ORDER,
	EXPLORE_ARM64,
};

typedef void (*explore_run_t)(int cpu);

/* What may come next. */
struct step {
	uint8_t cpu;
	/* 1 + the position in its buffer of a store that becomes visible; 0: the CPU continues */
	uint8_t commit;
	uint8_t old; /* continues with a load that sees the write that many before the newest */
};

#define STEPS_MAX 1024

/* Private memory: its present content is restored at the start of each run. */
void machine_keep(void *p, size_t bytes);
/* Names shared memory, for readers of a history. */
void machine_name(const void *p, size_t bytes, const char *name);
/* Forgets everything that was kept and named. */
void machine_clear(void);

/* Restores everything that was kept; every CPU is before its first relevant access. `stale`: how
 * many loads of a run may see a write other than the newest.
 */
void machine_start(enum explore_memory memory, int cpus, explore_run_t run, unsigned int stale);
int machine_steps(struct step steps[STEPS_MAX]);
void machine_step(const struct step *step);
bool machine_is_done(void);
/* Restores memory as it was before the run. */
void machine_stop(void);

/* A hash of everything that later steps depend on. */
uint64_t machine_state(void);
/* Has more memory turned out to be shared since the last call? */
bool machine_learned(void);

/* For the code that runs on it. */
/* The following code depends on nothing that was read before. */
void machine_packet(void);
void machine_packet_end(void);
/* As the kernel's RCU: packets in progress have ended, and those that begin see what was written
 * before.
 */
void machine_wait_for_packets(void);
bool machine_runs(void);
int machine_cpu(void);
void machine_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* NULL: it has not failed */
const char *machine_failure(void);
/* Printed with the history. */
void machine_tell(bool on);

/* Learned in other ways than by memory of the protocol: the time, or that a call of another CPU has
 * returned.
 */
#define machine_look(p)	  explore_access(EXPLORE_LOOK, p, sizeof(*(p)), 0, 0)
#define machine_say(p, v) ((void)explore_access(EXPLORE_SAY, p, sizeof(*(p)), v, 0))

#endif
