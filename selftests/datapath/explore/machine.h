/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine of several CPUs, on one thread: each runs its function as a coroutine, and stops before each access
 * to memory that another one reads or writes too. Who goes on is somebody else's choice (search.h).
 *
 * Memory is in order, each access at once seen by all; or as arm64 has it, by the model of views (Pulte and others,
 * Promising-ARM, PLDI 2019) without promises: memory is one history of writes, and
 *   - a load may see any write to its word that is not older than what its CPU is known to have seen: than what
 *     it saw of that word before, than its last barrier or acquire, and, where its address comes of another load
 *     (S64_AFTER, S64_FROM), than what that one saw. So loads overtake each other, branches notwithstanding;
 *   - a store waits in its CPU's buffer, and may be overtaken by loads and by other stores; one of release kind
 *     leaves it after all that came before;
 *   - an atomic operation is a barrier both ways, as that of arm64's JIT is which returns a value (LSE with acquire and
 *     release, or exclusives and dmb ish). A compare-and-swap that is lost is taken for one, too.
 * A load that is seen to come after a later store of its own CPU (which a branch between them rules out, and
 * none of the protocols here has it without one) is not in the model. Words are 8 bytes; two parts of a word do not
 * overtake each other.
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
	/* 1 + the place in its buffer of a store that all see from now on; 0: it goes on */
	uint8_t commit;
	uint8_t old; /* goes on with a load that sees the write that many before the newest */
};

#define STEPS_MAX 1024

/* Memory that no CPU shares, as it is now, and is to be at the start of each run. */
void machine_keep(void *p, size_t bytes);
/* Shared memory by its name, for who reads a history. */
void machine_name(const void *p, size_t bytes, const char *name);
/* Nothing is kept, named or known any more. */
void machine_clear(void);

/* All as it was when it was kept; every CPU before its first access that matters. `stale`: how many loads of a
 * run may see what is not the newest.
 */
void machine_start(enum explore_memory memory, int cpus, explore_run_t run, unsigned int stale);
int machine_steps(struct step steps[STEPS_MAX]);
void machine_step(const struct step *step);
bool machine_is_done(void);
/* Memory as it was before the run. */
void machine_stop(void);

/* Of all that later steps depend on. */
uint64_t machine_state(void);
/* Whether more memory turned out to be shared since it was last asked. */
bool machine_learned(void);

/* For what runs on it. */
/* What comes now depends on nothing that was read before. */
void machine_packet(void);
void machine_packet_end(void);
/* As the kernel's RCU has it: those that are under way have ended, and those that begin see what was written before. */
void machine_wait_for_packets(void);
bool machine_runs(void);
int machine_cpu(void);
void machine_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* NULL: it has not failed */
const char *machine_failure(void);
/* What it says is printed with the history. */
void machine_tell(bool on);

/* Learned otherwise than by memory of the protocol: the time, or that somebody's call has returned. */
#define machine_look(p)	  explore_access(EXPLORE_LOOK, p, sizeof(*(p)), 0, 0)
#define machine_say(p, v) ((void)explore_access(EXPLORE_SAY, p, sizeof(*(p)), v, 0))

#endif
