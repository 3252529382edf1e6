/* SPDX-License-Identifier: GPL-2.0-only */
/* For fuzzers: slash64d as it runs, over a temporary store and tables in plain memory, without its
 * sockets and interfaces. A fuzzer is one process, so there is one of it.
 */
#ifndef SLASH64_FUZZ_CONTROLLER_H
#define SLASH64_FUZZ_CONTROLLER_H

#include "native.h"
#include "fuzz.h"

#include <event2/event.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/api/json/undo_json.h"
#include "daemon/daemon.h"
#include "daemon/detect/proposals.h"
#include "daemon/guards/protected_addresses.h"
#include "daemon/import/feed_watcher.h"
#include "daemon/import/session.h"
#include "daemon/loop/aside.h"
#include "daemon/loop/turns.h"
#include "daemon/stats/history.h"

/* The log is not checked. */
void log_info(const char *format, ...)
{
}

void log_warning(const char *format, ...)
{
}

void log_error(const char *format, ...)
{
}

static struct daemon controller;
static char directory[64];

static void must(int err, const struct error *error)
{
	promise(err >= 0, "cannot start: %s", error->text);
}

static void remove_directory(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	if (system(command))
		fprintf(stderr, "%s is left behind\n", directory);
}

static void write_config(char *path, size_t bytes)
{
	const char *parent = getenv("TMPDIR");
	FILE *file;

	snprintf(directory, sizeof(directory), "%s/control.XXXXXX", parent ? parent : "/tmp");
	promise(mkdtemp(directory), "cannot make %s", directory);
	atexit(remove_directory);
	snprintf(path, bytes, "%s/slash64.yaml", directory);
	file = fopen(path, "we");
	promise(file, "cannot write %s", path);
	fprintf(file,
		"interfaces: []\ncontrol: {socket: %s/s}\nmetrics: off\npage: off\nstate: %s\nmaps: {pins: %s, interfaces: 1}\n"
		"allow: [2001:db8:a110::/48]\nblock: [2001:db8:bad:1::/64]\npeers: [2001:db8:0:1::1]\n"
		"sources: {nat64: ['2001:db8:64::/96'], lengths: [{prefix: '2001:db8:5600::/40', length: 56}]}\n",
		directory, directory, directory);
	fclose(file);
}

/* Tables in memory, to which no program can be bound: no interface is ever attached. */
static void make_maps(void)
{
	native_setup(NULL);
	controller.maps = native_maps;
	for (int i = 0; i < MAP_COUNT; i++)
		controller.maps.fd[i] = -1;
	native_maps.meta->tick_ns = NATIVE_TICK_NS;
}

static void start_controller(void)
{
	struct daemon *d = &controller;
	struct protected_addresses_before *before = NULL;
	struct error error = {};
	char path[128];

	write_config(path, sizeof(path));
	make_maps();
	d->base = event_base_new();
	d->turns = turns_new(d->base);
	d->aside = aside_new(d->base);
	must(config_load(&d->config, path, &error), &error);
	must(store_open(&d->store, d->config.state, &error), &error);
	store_set_undo_writer(d->store, &undo_json_writer);
	must(sources_init(&d->blocklist, &d->maps, &error), &error);
	must(prefixes_init(&d->prefixes, &d->maps, &error), &error);
	must(protected_addresses_start(&d->protection, d->base, &error), &error);
	must(protected_addresses_configure(d->protection, &d->config.rules, &d->config.peers,
					   &d->config.own, &before),
	     &error);
	protected_addresses_forget(before);
	must(blocks_init(&d->blocks, d->store, &d->blocklist, &d->prefixes, &d->maps, NULL,
			 &d->config.rules, &error),
	     &error);
	must(imports_start(&d->imports, d->base, &d->blocks, d->protection, &error), &error);
	must(feeds_start(&d->feeds, d->turns, d->imports, &d->config, &error), &error);
	must(samples_init(&d->samples, &d->maps, &error), &error);
	must(addresses_start(&d->addresses, d->base, &d->maps, &error), &error);
	must(ifaces_init(&d->ifaces, &d->maps, d->store, d->config.pins, &error), &error);
	d->history = history_new();
	promise(d->history, "no memory");
	must(proposals_start(&d->proposals, &d->blocks, d->protection, &d->maps.meta->seed, &error),
	     &error);
}

#endif
