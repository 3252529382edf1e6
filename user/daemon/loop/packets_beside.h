/* SPDX-License-Identifier: GPL-2.0-only */
/* Waits for the packets in flight beside the loop. */
#ifndef SLASH64_DAEMON_LOOP_PACKETS_BESIDE_H
#define SLASH64_DAEMON_LOOP_PACKETS_BESIDE_H

struct aside;
struct packets_beside;

/* `done` is called on the loop when all packets whose processing has started are through; the wait
 * is freed then. NULL if out of memory.
 */
struct packets_beside *packets_beside_begin(struct aside *aside, void (*done)(void *data),
					    void *data);
/* Nobody wants to know any more: `done` is not called. May be NULL. */
void packets_beside_forget(struct packets_beside *beside);

#endif
