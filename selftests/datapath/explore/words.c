// SPDX-License-Identifier: GPL-2.0-only
/* The words of shared memory, with what was written to each in a run: under weak memory, a load may
 * see any of the last writes.
 */
#include "machine_internal.h"

#include <stdlib.h>
#include <string.h>

struct place *place_of(uintptr_t word)
{
	uint64_t i = mix(word, 1);

	for (;; i++) {
		struct place **place = &m.place[i % PLACES];

		if (!*place) {
			*place = calloc(1, sizeof(**place));
			(*place)->word = word;
		}
		if ((*place)->word == word)
			return *place;
	}
}

void place_touch(struct place *place)
{
	if (place->run == m.runs)
		return;
	place->run = m.runs;
	place->initial = *memory_of(place);
	place->count = 1;
	place->message[0] = (struct message){place->initial, 0};
	memset(place->seen, 0, sizeof(place->seen));
	m.dirty[m.dirtied++] = place;
}

void place_learn(struct place *place, enum explore_kind kind, int cpu)
{
	uint32_t all;

	if (kind == EXPLORE_LOAD || kind == EXPLORE_LOAD_ACQUIRE || kind == EXPLORE_LOOK ||
	    kind == EXPLORE_CLOCK)
		place->readers |= 1U << cpu;
	else
		place->writers |= 1U << cpu;
	if (place->shared || !place->writers)
		return;
	all = place->readers | place->writers;
	if (all & (all - 1))
		place->shared = m.learned = true;
}

void word_write(struct place *place, uint64_t value)
{
	uint64_t *memory = memory_of(place);

	if (m.memory == EXPLORE_IN_ORDER) {
		m.state ^= mix(place->word, *memory) ^ mix(place->word, value);
	} else {
		if (place->count == MESSAGES_MAX) {
			place->count--;
			memmove(place->message, place->message + 1,
				place->count * sizeof(place->message[0]));
		}
		place->message[place->count++] = (struct message){value, ++m.time};
		m.state ^= mix(mix(place->word, value), m.time);
	}
	*memory = value;
}
