// SPDX-License-Identifier: GPL-2.0-only
/* The configuration, read anew while the daemon runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bridges.h"
#include "daemon.h"
#include "feeds.h"
#include "log.h"
#include "store_log.h"

int daemon_set_peers(struct daemon *daemon, const struct config *config, struct error *error)
{
	struct prefix *peers = calloc(config->peers.count + 1, sizeof(*peers));
	int err;

	if (!peers)
		return error_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < config->peers.count; i++)
		peers[i] = config->peers.entry[i].prefix;
	guards_set_rules(daemon->guards, &config->rules);
	err = guards_set_peers(daemon->guards, peers, config->peers.count);
	free(peers);
	return err ? error_set(error, err, "cannot take the peers: %s", strerror(-err)) : 0;
}


/* What only a start can change. */
static void warn_unchangeable(const struct config *old, const struct config *new)
{
	if (strcmp(old->socket, new->socket) || strcmp(old->read_socket, new->read_socket) ||
	     strcmp(old->metrics, new->metrics) ||
	    strcmp(old->state, new->state) || strcmp(old->pins, new->pins) ||
	    old->blocks != new->blocks || old->prefixes != new->prefixes || old->limiter != new->limiter ||
	    old->iface_slots != new->iface_slots)
		log_warning("control, metrics and state are taken up by a restart only");
}

static void keep_unchangeable(const struct config *old, struct config *new)
{
	memcpy(new->socket, old->socket, sizeof(new->socket));
	memcpy(new->read_socket, old->read_socket, sizeof(new->read_socket));
	memcpy(new->metrics, old->metrics, sizeof(new->metrics));
	memcpy(new->state, old->state, sizeof(new->state));
	memcpy(new->pins, old->pins, sizeof(new->pins));
	new->blocks = old->blocks;
	new->prefixes = old->prefixes;
	new->limiter = old->limiter;
	new->iface_slots = old->iface_slots;
}

static void log_reload(struct daemon *daemon)
{
	struct store_change change = {.action = "reload", .detail = daemon->config.file};
	struct error error;

	if (store_log_add(daemon->store, &change, &error))
		log_error("%s", error.text);
}

int daemon_reload(struct daemon *daemon, struct error *error)
{
	struct config fresh, old;
	int changes, err;

	err = config_load(&fresh, daemon->config.file, error);
	if (err) {
		daemon->reloads_failed++;
		return err;
	}
	warn_unchangeable(&daemon->config, &fresh);
	keep_unchangeable(&daemon->config, &fresh);
	err = ifaces_check(&daemon->ifaces, &fresh, error);
	if (!err)
		err = bridges_check(&fresh, error);
	if (!err)
		err = daemon_set_peers(daemon, &fresh, error);
	if (!err)
		err = blocks_configure(&daemon->blocks, daemon->guards, &fresh, true, error);
	if (err) {
		daemon->reloads_failed++;
		config_free(&fresh);
		return err;
	}
	old = daemon->config;
	daemon->config = fresh;
	changes = ifaces_configure(&daemon->ifaces, &daemon->config, error);
	if (changes < 0) {
		/* Back to what was: the interfaces that were there still are. */
		struct error ignored;

		daemon->config = old;
		config_free(&fresh);
		daemon_set_peers(daemon, &daemon->config, &ignored);
		blocks_configure(&daemon->blocks, daemon->guards, &daemon->config, false, &ignored);
		ifaces_configure(&daemon->ifaces, &daemon->config, &ignored);
		daemon->reloads_failed++;
		return changes;
	}
	feeds_configure(daemon->feeds, &daemon->config);
	log_reload(daemon);
	config_free(&old);
	daemon->reloads++;
	return changes;
}
