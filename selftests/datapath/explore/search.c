// SPDX-License-Identifier: GPL-2.0-only
#include "search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEPTH_MAX	 65536
#define STATES_OF_EFFORT 25000
#define RANDOM_OF_EFFORT 1000
#define ANY_NUMBER	 1000000U

/* The choice at each step of a run, and the number of alternatives. */
struct choice {
	uint16_t chosen, count;
};

struct way {
	struct choice choice[DEPTH_MAX];
	int depth;
};

static struct way way;
static uint64_t *seen; /* states; 0 is free */
static uint32_t seen_count, seen_slots;

/* False if it is known already. */
static bool seen_add(uint64_t state)
{
	uint32_t i = state >> 32;

	if (!state)
		state = 1;
	for (;; i++) {
		uint64_t *slot = &seen[i & (seen_slots - 1)];

		if (*slot == state)
			return false;
		if (!*slot) {
			*slot = state;
			seen_count++;
			return true;
		}
	}
}

static void seen_clear(uint32_t most)
{
	uint32_t slots = 1U << 12;

	while (slots < 2 * most)
		slots *= 2;
	if (slots != seen_slots || seen_count > slots / 64) {
		free(seen);
		seen = calloc(slots, sizeof(*seen));
	} else {
		memset(seen, 0, slots * sizeof(*seen));
	}
	seen_slots = slots;
	seen_count = 0;
}

static unsigned int stale_of(const struct scenario *scenario)
{
	return scenario->stale ? scenario->stale : 2;
}

static void start(const struct scenario *scenario, enum explore_memory memory)
{
	machine_start(memory, scenario->cpus, scenario->run, stale_of(scenario));
}

/* --- exhaustive --- */

struct bound {
	unsigned int switches; /* at most */
	unsigned int made;
	int last;
};

/* Every deviation from one CPU with memory in order costs one: a switch although the running CPU
 * could have continued, a load that does not see the newest write, a store that waits while its CPU
 * continues, or that overtakes another one.
 */
static unsigned int cost_of(const struct bound *bound, const struct step *steps, int count,
			    const struct step *step)
{
	unsigned int cost = step->old != 0;

	if (step->commit)
		return step->commit > 1;
	for (int i = 0; i < count; i++)
		if (steps[i].commit == 1 && steps[i].cpu == step->cpu)
			cost++;
	for (int i = 0; i < count && step->cpu != bound->last; i++)
		if (steps[i].cpu == bound->last && !steps[i].commit)
			return cost + 1;
	return cost;
}

static int within(const struct bound *bound, struct step *steps, int count)
{
	int kept = 0;
	struct step all[STEPS_MAX];

	if (bound->switches == ANY_NUMBER)
		return count;
	memcpy(all, steps, count * sizeof(*steps));
	for (int i = 0; i < count; i++)
		if (bound->made + cost_of(bound, all, count, &all[i]) <= bound->switches)
			steps[kept++] = all[i];
	return kept;
}

/* One run: follows the given choices, then takes the first alternative, until it reaches a known
 * state.
 */
static void run_one(const struct scenario *scenario, enum explore_memory memory,
		    unsigned int switches, struct findings *findings)
{
	struct step steps[STEPS_MAX];
	struct bound bound = {.switches = switches, .last = -1};
	int depth = 0;

	start(scenario, memory);
	findings->runs++;
	for (;; depth++) {
		int all = machine_steps(steps), count;
		struct choice *choice = &way.choice[depth];
		struct step *step;

		count = within(&bound, steps, all);
		if (!count || machine_failure() || depth == DEPTH_MAX - 1)
			break;
		if (depth >= way.depth) {
			uint64_t state = machine_state();

			if (switches != ANY_NUMBER)
				state = (state ^ bound.made * 64 ^ (bound.last + 1)) *
					0x9e3779b97f4a7c15ULL;
			if (!seen_add(state))
				break;
			*choice = (struct choice){0, count};
			way.depth = depth + 1;
		}
		step = &steps[choice->chosen];
		bound.made +=
			bound.switches == ANY_NUMBER ? 0 : cost_of(&bound, steps, count, step);
		if (!step->commit)
			bound.last = step->cpu;
		machine_step(step);
		findings->steps++;
	}
	way.depth = depth;
	if (machine_is_done() && !machine_failure() && scenario->check)
		scenario->check();
	machine_stop();
}

/* The next sequence: changes the last choice that has another alternative. */
static bool way_next(void)
{
	while (way.depth && way.choice[way.depth - 1].chosen + 1 >= way.choice[way.depth - 1].count)
		way.depth--;
	if (!way.depth)
		return false;
	way.choice[way.depth - 1].chosen++;
	return true;
}

static void search_all(const struct scenario *scenario, enum explore_memory memory,
		       unsigned int switches, uint32_t most, struct findings *findings)
{
again:
	seen_clear(most);
	way.depth = 0;
	do {
		run_one(scenario, memory, switches, findings);
		/* More is shared than was known: it was accessed without a choice, so the result of
		 * this run means nothing.
		 */
		if (machine_learned())
			goto again;
		if (machine_failure()) {
			findings->failed = true;
			break;
		}
	} while (way_next() && seen_count < most);
	findings->states = seen_count;
	findings->complete = !findings->failed && seen_count < most && switches == ANY_NUMBER;
}

/* --- random --- */

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 32) * n >> 32;
}

/* Some runs switch at every step, others rarely: a CPU that stops for a long time while others
 * continue finds faults that an even mixture does not.
 */
static int choose(const struct step *steps, int count, int last, uint32_t often)
{
	int i;

	if (random_below(16) >= often)
		for (i = 0; i < count; i++)
			if (steps[i].cpu == last && !steps[i].commit && !steps[i].old)
				return i;
	return random_below(count);
}

static void run_random(const struct scenario *scenario, enum explore_memory memory,
		       struct findings *findings)
{
	static const uint32_t how_often[] = {16, 8, 4, 2, 1};
	uint32_t often = how_often[random_below(5)];
	struct step steps[STEPS_MAX];
	int depth = 0, count, last = 0;

	start(scenario, memory);
	findings->runs++;
	while ((count = machine_steps(steps)) && !machine_failure() && depth < DEPTH_MAX) {
		int chosen = choose(steps, count, last, often);

		way.choice[depth++] = (struct choice){chosen, count};
		if (!steps[chosen].commit)
			last = steps[chosen].cpu;
		machine_step(&steps[chosen]);
		findings->steps++;
	}
	way.depth = depth;
	if (machine_is_done() && !machine_failure() && scenario->check)
		scenario->check();
	machine_stop();
	findings->failed = machine_failure() && !machine_learned();
	machine_learned();
}

/* --- results --- */

#define HISTORY_LINES 200

static void replay(const struct scenario *scenario, enum explore_memory memory,
		   unsigned int switches)
{
	struct step steps[STEPS_MAX];
	struct bound bound = {.switches = switches, .last = -1};

	start(scenario, memory);
	for (int depth = 0; depth < way.depth; depth++) {
		int count = within(&bound, steps, machine_steps(steps));
		const struct step *step = &steps[way.choice[depth].chosen];

		machine_tell(way.depth - depth <= HISTORY_LINES);
		bound.made +=
			bound.switches == ANY_NUMBER ? 0 : cost_of(&bound, steps, count, step);
		if (!step->commit)
			bound.last = step->cpu;
		machine_step(step);
	}
	machine_tell(false);
	if (!machine_failure() && scenario->check)
		scenario->check();
	printf("      FAILED: %s\n", machine_failure() ? machine_failure() : "not again");
	machine_stop();
}

/* The history with the fewest switches is the easiest to read; if none is found, the original one.
 */
static void tell_failure(const struct scenario *scenario, enum explore_memory memory)
{
	static struct way found;
	struct findings findings = {};

	found = way;
	for (unsigned int switches = 0; !scenario->random && switches < 6; switches++) {
		search_all(scenario, memory, switches, 4 * STATES_OF_EFFORT, &findings);
		if (findings.failed) {
			replay(scenario, memory, switches);
			return;
		}
	}
	way = found;
	replay(scenario, memory, ANY_NUMBER);
}

/* All of them if they are few enough; otherwise all with few switches, and random ones. */
static void search_most(const struct scenario *scenario, enum explore_memory memory,
			unsigned int effort, struct findings *findings)
{
	uint32_t most = STATES_OF_EFFORT * effort;

	search_all(scenario, memory, ANY_NUMBER, most, findings);
	for (unsigned int switches = 1; !findings->complete && !findings->failed; switches++) {
		search_all(scenario, memory, switches, most, findings);
		if (findings->states >= most)
			break;
		findings->switches = switches;
	}
	for (unsigned int i = 0;
	     !findings->complete && !findings->failed && i < RANDOM_OF_EFFORT * effort; i++)
		run_random(scenario, memory, findings);
}

static void tell_covered(const struct scenario *scenario, const struct findings *findings)
{
	if (findings->failed)
		printf("FAILED: %s\n", machine_failure());
	else if (findings->complete)
		printf("all\n");
	else if (scenario->random)
		printf("random\n");
	else
		printf("all of %u deviations, and random\n", findings->switches);
}

struct findings search(const struct scenario *scenario, enum explore_memory memory,
		       unsigned int effort)
{
	struct findings findings = {};
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	machine_clear();
	scenario->setup(scenario);
	random_state = 0x2545f4914f6cdd1dULL;
	if (scenario->random)
		for (unsigned int i = 0; i < scenario->random * effort && !findings.failed; i++)
			run_random(scenario, memory, &findings);
	else
		search_most(scenario, memory, effort, &findings);
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("# %-8s %-44s %2d cpus, %-8s %9llu runs %9llu states %11llu steps %6.2f s  ",
	       scenario->protocol, scenario->name, scenario->cpus,
	       memory == EXPLORE_ARM64 ? "arm64" : "in order", (unsigned long long)findings.runs,
	       (unsigned long long)findings.states, (unsigned long long)findings.steps,
	       (to.tv_sec - from.tv_sec) + (to.tv_nsec - from.tv_nsec) / 1e9);
	tell_covered(scenario, &findings);
	if (findings.failed)
		tell_failure(scenario, memory);
	fflush(stdout);
	return findings;
}
