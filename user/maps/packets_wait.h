/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer's side of RCU: waits until no packet can still be reading what is about to be
 * overwritten. It takes some 10 to 50 ms: within the loop, changes_wait_for_packets() does it.
 */
#ifndef SLASH64_MAPS_PACKETS_WAIT_H
#define SLASH64_MAPS_PACKETS_WAIT_H

/* Whoever only counts what packets leave behind, and loses one that takes longer: they take that
 * long on a kernel whose threads are not preempted while they process packets (not PREEMPT_RT).
 */
#define PACKETS_LONGEST_MS 50

/* Waits for all packets whose processing has started. Those that start later see everything written
 * before. May be called from any thread.
 */
void packets_wait(void);

#endif
