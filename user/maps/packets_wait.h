/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer's side of RCU: waits until no packet can still be reading what is about to be
 * overwritten. For rare changes: it takes some 10 to 50 ms.
 */
#ifndef SLASH64_MAPS_PACKETS_WAIT_H
#define SLASH64_MAPS_PACKETS_WAIT_H

/* No packet takes longer: what can wait that long need not stop everything else. */
#define PACKETS_LONGEST_MS 50

/* Waits for all packets whose processing has started. Those that start later see everything written
 * before.
 */
void packets_wait(void);
/* After that long without calling it, it is over too: no packet takes longer. */
unsigned int packets_longest_ms(void);

#endif
