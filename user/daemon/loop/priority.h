/* SPDX-License-Identifier: GPL-2.0-only */
/* Keeps slash64d responsive while packets keep every CPU busy: it runs at the lowest real-time
 * priority, above ksoftirqd and ordinary processes. Only for a short time: after PRIORITY_SPAN_US
 * of work without a wait it loses the priority, and regains it a moment later. So neither an import
 * nor a busy loop takes a CPU away from the packets.
 */
#ifndef SLASH64_DAEMON_LOOP_PRIORITY_H
#define SLASH64_DAEMON_LOOP_PRIORITY_H

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

/* It has the priority, and no limit would let it regain it: CAP_SYS_NICE must be kept. */
bool priority_takes_capability(void);

#endif
