/* SPDX-License-Identifier: GPL-2.0-only */
/* slash64d is heard while packets keep every CPU busy: it runs at the lowest real-time priority, above ksoftirqd and
 * whatever else shares the CPU by turns. Not for long at a time: what works on without waiting loses it after
 * PRIORITY_SPAN_US, and has it back some moments later, so that neither an import nor a loop that spins takes a CPU away
 * from the packets.
 */
#ifndef SLASH64_DAEMON_PRIORITY_H
#define SLASH64_DAEMON_PRIORITY_H

#define PRIORITY_REALTIME 1
#define PRIORITY_SPAN_US  10000
#define PRIORITY_BACK_MS  100

#include <stdbool.h>

struct error;
struct event;
struct event_base;

/* Before privileges are given up: it takes CAP_SYS_NICE, or a limit of real-time priorities (RLIMIT_RTPRIO) that the
 * service manager has set. Without, it logs one line and *back is NULL; all works, but waits its turn. Else *back is an event,
 * not added yet, that takes the priority back: for every PRIORITY_BACK_MS. -ENOMEM.
 */
int priority_start(struct event_base *base, struct event **back, struct error *error);

/* It has the priority, and no limit lets it have it back: that takes CAP_SYS_NICE for good. */
bool priority_takes_capability(void);

#endif
