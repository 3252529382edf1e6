/* SPDX-License-Identifier: GPL-2.0-only */
/* The writer's side of RCU: what a packet that is under way may still be reading is not written over before it has
 * ended. For what is seldom done: it takes some 10 to 50 ms.
 */
#ifndef SLASH64_USER_PACKETS_WAIT_H
#define SLASH64_USER_PACKETS_WAIT_H

/* Until no packet is under way that began before. Those that begin later see all that was written before. */
void packets_wait(void);

#endif
