// SPDX-License-Identifier: GPL-2.0-only
#include "extras.h"

/* slash64d alone writes the word, so it need not be changed atomically. */
void extra_set(const struct maps *maps, uint32_t slot, enum s64_extra extra, bool on)
{
	for (uint32_t cpu = 0; cpu < maps->meta->cpus; cpu++) {
		struct s64_cpu_state *state =
			&maps->counters[slot * maps->meta->cpus + cpu].cpu_state;
		uint32_t before = S64_READ_ONCE(state->extras);
		uint32_t after = on ? before | extra : before & ~extra;

		if (after != before)
			S64_STORE_RELEASE(state->extras, after);
	}
}

void extra_set_everywhere(const struct maps *maps, enum s64_extra extra, bool on)
{
	for (uint32_t slot = 0; slot < maps->meta->iface_slots; slot++)
		extra_set(maps, slot, extra, on);
}
