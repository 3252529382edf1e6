// SPDX-License-Identifier: GPL-2.0-only
/* Writes the configuration file from the reference's state. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

static void write_list(FILE *file, const char *key, const struct ref_entry *entry,
		       unsigned int count)
{
	if (!count)
		return;
	fprintf(file, "%s:\n", key);
	for (unsigned int i = 0; i < count; i++)
		fprintf(file, "  - {prefix: '%s'%s%s%s%s}\n", entry[i].text,
			*entry[i].reason ? ", reason: '" : "", entry[i].reason,
			*entry[i].reason ? "'" : "", entry[i].force ? ", force: true" : "");
}

static void write_ifaces(FILE *file, const struct ref_config *config)
{
	if (!config->ifaces)
		fprintf(file, "interfaces: []\n");
	else
		fprintf(file, "interfaces:\n");
	for (unsigned int i = 0; i < config->ifaces; i++) {
		const struct ref_iface *iface = &config->iface[i];

		fprintf(file, "  - {name: %s%s%s%s}\n", iface->name,
			iface->filter < 0 ? "" :
			iface->filter	  ? ", filter: monitor" :
					    ", filter: enforce",
			iface->ipv4 ? ", ipv4: enforce" : "",
			iface->policy == REF_POLICY_PROFILE ?
				", policy: {profile: edge}" :
			iface->policy == REF_POLICY_CLASS ?
				", policy: {classes: {fragment-non-first: limit}}" :
				"");
	}
}

static void write_policy(FILE *file, const struct ref_config *config)
{
	if (config->filter >= 0 || config->bogons)
		fprintf(file, "policy: {%s%s%s}\n",
			config->filter < 0 ? "" :
			config->filter	   ? "filter: monitor" :
					     "filter: enforce",
			config->filter >= 0 && config->bogons ? ", " : "",
			config->bogons ? "bogons: enforce" : "");
}

static void write_sources(FILE *file, enum sources_variant sources)
{
	if (sources == SOURCES_NONE)
		return;
	fprintf(file, "sources:\n");
	if (sources != SOURCES_NAT64)
		fprintf(file, "  lengths: [{prefix: '2001:db8:5600::/40', length: 56}]\n");
	if (sources != SOURCES_LENGTHS)
		fprintf(file, "  nat64: ['2001:db8:64::/96']\n");
}

static void write_announce(FILE *file, const struct ref_announce *announce)
{
	if (!announce->is_on)
		return;
	fprintf(file, "announce: {table: %u, origins: [", announce->table);
	for (unsigned int i = 0; i < ANNOUNCE_ORIGINS; i++)
		fprintf(file, "%s%s", i ? ", " : "", ref_announce_origins[announce->origins][i]);
	fprintf(file, "], max: %u, dampen: 1s, dry_run: %s}\n", announce->max,
		announce->dry_run ? "true" : "false");
}

void config_write(const struct ref_config *config)
{
	char path[PATHS_MAX + 32];
	FILE *file;

	snprintf(path, sizeof(path), "%s/slash64.yaml", world->directory);
	file = fopen(path, "we");
	if (!file)
		abort();
	write_ifaces(file, config);
	fprintf(file,
		"control: {socket: %s/control.sock, read_socket: off}\nmetrics: off\npage: off\n"
		"state: %s/state\nmaps: {pins: %s/pins, blocks: 1024, prefixes: 1024, limiter: 1024, interfaces: 8}\n"
		"log: {changes: 20000}\n",
		world->directory, world->directory, world->directory);
	write_policy(file, config);
	write_sources(file, config->sources);
	if (config->many_allowed) {
		fprintf(file, "allow:\n");
		for (unsigned int i = 0; i < config->many_allowed; i++)
			fprintf(file, "  - '2001:db8:f00:%x::/64'\n", i);
	} else {
		write_list(file, "allow", config->allow, config->allowlist);
	}
	write_list(file, "block", config->block, config->blocks);
	if (config->peers) {
		fprintf(file, "peers:\n");
		for (unsigned int i = 0; i < config->peers; i++)
			fprintf(file, "  - '%s'\n", config->peer[i]);
	}
	if (config->owns)
		fprintf(file, "own:\n");
	for (unsigned int i = 0; i < config->owns; i++)
		fprintf(file, "  - '%s'\n", config->own[i]);
	if (config->feed)
		fprintf(file,
			"feeds:\n  - {file: %s/feeds/list, origin: feed-file, settle: 1s, shrink: 0}\n"
			"  - {file: %s/feeds/stream, origin: feed-stream, format: crowdsec, settle: 1s, shrink: 0}\n",
			world->directory, world->directory);
	write_announce(file, &config->announce);
	if (config->is_garbage)
		fprintf(file, "no-such-key: 1\n");
	fclose(file);
	model->file = *config;
}

void config_first(struct ref_config *config, struct chance *chance)
{
	memset(config, 0, sizeof(*config));
	config->filter = (int)chance_below(chance, 3) - 1;
	config->sources = chance_below(chance, SOURCES_VARIANTS);
	strcpy(config->iface[0].name, "eth0");
	config->iface[0].filter = -1;
	config->ifaces = 1;
	strcpy(config->allow[0].text, "2001:db8:a:2::/80");
	config->allowlist = chance_below(chance, 2);
	strcpy(config->block[0].text, "2001:db8:c::/64");
	strcpy(config->block[0].reason, "first");
	config->blocks = 1;
	strcpy(config->peer[0], "2001:db8:ffff::1");
	config->peers = chance_below(chance, 2);
	config->feed = chance_percent(chance, 50);
	config->announce = (struct ref_announce){.is_on = chance_percent(chance, 50),
						 .table = 667,
						 .max = chance_percent(chance, 50) ? 3 : 1000};
}
