// SPDX-License-Identifier: GPL-2.0-only
#include "ssh_source.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/prefix.h"

#define ANCESTORS_MAX 64
#define SOURCES_MAX   ANCESTORS_MAX /* none is left out */

/* An address as slash64d reads it, without the zone of a link-local one. */
static bool canonical(const char *text, char address[PREFIX_TEXT_MAX])
{
	char bare[INET6_ADDRSTRLEN];
	size_t n = strcspn(text, " %");
	struct prefix prefix;

	if (n >= sizeof(bare))
		return false;
	memcpy(bare, text, n);
	bare[n] = '\0';
	if (strchr(bare, '/') || prefix_parse_whole(bare, &prefix, NULL))
		return false;
	prefix_format(&prefix, address);
	*strchr(address, '/') = '\0';
	return true;
}

/* "ADDRESS PORT ..." */
static void add_source(json_t *sources, const char *value)
{
	char address[PREFIX_TEXT_MAX];
	json_t *other;
	size_t i;

	if (!value || !canonical(value, address) || json_array_size(sources) == SOURCES_MAX)
		return;
	json_array_foreach (sources, i, other)
		if (!strcmp(json_string_value(other), address))
			return;
	json_array_append_new(sources, json_string(address));
}

static void add_of_process(json_t *sources, pid_t pid)
{
	static const char *const names[] = {"SSH_CONNECTION=", "SSH_CLIENT="};
	char path[64], *entry = NULL;
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	file = fopen(path, "re");
	while (file && getdelim(&entry, &room, '\0', file) > 0)
		for (int i = 0; i < 2; i++)
			if (!strncmp(entry, names[i], strlen(names[i])))
				add_source(sources, entry + strlen(names[i]));
	free(entry);
	if (file)
		fclose(file);
}

/* 0 if there is none, or it is not visible. */
static pid_t parent_of(pid_t pid)
{
	char path[64], line[512];
	const char *behind_name;
	int parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	/* PID (NAME) STATE PARENT ..., where the name may contain anything */
	if (fgets(line, sizeof(line), file)) {
		behind_name = strrchr(line, ')');
		if (!behind_name || sscanf(behind_name + 1, " %*c %d", &parent) != 1)
			parent = 0;
	}
	fclose(file);
	return parent;
}

json_t *ssh_sources(void)
{
	json_t *sources = json_array();
	pid_t pid = getppid();

	if (!sources)
		return NULL;
	add_source(sources, getenv("SSH_CONNECTION"));
	add_source(sources, getenv("SSH_CLIENT"));
	for (int i = 0; pid > 0 && i < ANCESTORS_MAX; i++) {
		add_of_process(sources, pid);
		pid = parent_of(pid);
	}
	return sources;
}
