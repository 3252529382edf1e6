/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of a program with one thread that works: signals, metrics, the service manager. */
#ifndef SLASH64_SERVICE_SERVICE_H
#define SLASH64_SERVICE_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "metrics.h"

struct service {
	const char *name;
	const char *metrics; /* ADDRESS:PORT; "": none */
	metrics_write_t write_metrics;
	/* Works until service_stops(), in a thread of its own. If it returns before, the program
	 * ends: with success if it is 0.
	 */
	int (*work)(struct service *service, struct error *error);
	void *data;

	/* private */
	pthread_t thread;
	_Atomic bool stops;
	int stop_fd, ended_fd, result;
	struct error *error;
};

/* Returns when the program is told to end, or work() has. */
int service_run(struct service *service, struct error *error);

/* For work(). The first has the form of client_stop_t. */
bool service_stops(void *service);
/* Waits that long, or until the end. */
void service_wait(struct service *service, int64_t ms);
/* Waits for something to read at `fd` (-1: nothing), that long (-1: for ever), or until the end. True:
 * there is something.
 */
bool service_wait_fd(struct service *service, int fd, int64_t ms);

#endif
