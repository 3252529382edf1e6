// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's functions that slash64d uses, and the machine. Maps are in kernel_maps.c, programs
 * and interfaces in kernel_programs.c, addresses in kernel_known.c, notifications in
 * kernel_notify.c.
 */
#include "../world.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maps/jiffies.h"
#include "daemon/sandbox.h"
#include "daemon/privileges.h"
#include "daemon/loop/priority.h"
#include "maps/packets_wait.h"

#define TICK_NS 4000000

int jiffies_measure(struct jiffies_facts *facts, struct error *error)
{
	(void)error;
	*facts = (struct jiffies_facts){TICK_NS, 0};
	return 0;
}

void packets_wait(void)
{
}

/* What slash64d does beside its loop, it does in it: the order is that of the seed. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
			  void *data)
{
	(void)thread;
	(void)attributes;
	(void)run;
	(void)data;
	return EAGAIN;
}

int privileges_check(struct error *error)
{
	(void)error;
	return 0;
}

int privileges_drop(const struct daemon *daemon, struct error *error)
{
	(void)daemon;
	(void)error;
	return 0;
}

/* As without the capability: a whole history runs on the model's clock. */
int priority_start(struct event_base *base, struct event **back, struct error *error)
{
	(void)base;
	(void)error;
	*back = NULL;
	return 0;
}

bool priority_takes_capability(void)
{
	return false;
}

/* --- the machine --- */

void kernel_reboot(void)
{
	char path[PATHS_MAX + 32];

	snprintf(path, sizeof(path), "%s/pins", world->directory);
	world_empty(path);
	rmdir(path);
	memset(world->program, 0, sizeof(world->program));
	world->routes = 0;
	for (int i = 0; i < LINKS_MAX; i++)
		world->link[i].program = world->link[i].renamed_from[0] = 0;
}

void kernel_begin(void)
{
	memset(world->map, 0, sizeof(world->map));
	memset(world->link, 0, sizeof(world->link));
	memset(world->known, 0, sizeof(world->known));
	kernel_reboot();
	world->next_ifindex = 2;
	world->next_program = 1;
}
