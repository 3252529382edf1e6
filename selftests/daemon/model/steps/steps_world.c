// SPDX-License-Identifier: GPL-2.0-only
/* Actions of time, the machine, the network, and others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "../model.h"

#define PICK(chance, list) ((list)[chance_below(chance, sizeof(list) / sizeof((list)[0]))])

/* --- time --- */

static bool run_time(struct chance *chance)
{
	static const int64_t spans_s[] = {1, 5, 61, 400, 3700, 90000};
	int64_t until = now_ms() + PICK(chance, spans_s) * 1000;
	enum fault fault;

	step_says("%lld s go by", (long long)(until - now_ms()) / 1000);
	/* a fault of the world, while blocks expire */
	step_arm(chance);
	fault = world->fault;
	while (now_ms() < until) {
		int64_t next = ref_next_end(&model->next),
			to = next && next > now_ms() && next < until ? next : until;

		pass(to - now_ms() + 5);
		for (int turn = 0; turn < 8; turn++)
			pass(200);
		ref_expire(&model->next, now_ms() - 400);
	}
	world_fault(FAULT_NONE, 0);
	model->flight = GROUND;
	step_covered(fault ? "time, with a fault" : "time")->done++;
	/* rows that could not be removed from the store are removed now */
	quiet();
	return true;
}

/* --- the machine --- */

static bool run_stop(struct chance *chance)
{
	(void)chance;
	step_says("slash64d is stopped, and starts");
	step_covered("stop and start")->done++;
	return false;
}

static bool run_kill(struct chance *chance)
{
	step_says("slash64d is killed");
	step_covered("kill")->done++;
	world_die(chance_percent(chance, 25) ? FAULT_POWER : FAULT_KILL, PLACE_ANSWER);
}

/* --- links --- */

static struct model_link *free_link(void)
{
	for (int i = 0; i < LINKS_MAX; i++)
		if (!world->link[i].ifindex)
			return &world->link[i];
	return NULL;
}

static struct model_link *any_link(struct chance *chance)
{
	struct model_link *link = &world->link[chance_below(chance, LINKS_MAX)];

	return link->ifindex ? link : NULL;
}

static const char *const link_names[] = {"eth0", "eth1", "eth2", "ppp0"};

static bool run_link_comes(struct chance *chance)
{
	const char *name = PICK(chance, link_names);
	struct model_link *link = free_link();

	step_says("the interface %s comes", name);
	if (!link || kernel_link(name))
		return true;
	*link = (struct model_link){.ifindex = world->next_ifindex++};
	strcpy(link->name, name);
	quiet_links();
	step_covered("interface comes")->done++;
	return true;
}

static bool run_link_goes(struct chance *chance)
{
	struct model_link *link = any_link(chance);

	if (!link)
		return true;
	step_says("the interface %s goes", link->name);
	*link = (struct model_link){};
	quiet_links();
	step_covered("interface goes")->done++;
	return true;
}

static bool run_link_off(struct chance *chance)
{
	struct model_link *link = any_link(chance);

	if (!link || !link->program || link->renamed_from[0])
		return true;
	step_says("somebody takes the program off %s", link->name);
	link->program = 0;
	quiet_links();
	step_covered("program taken off")->done++;
	return true;
}

/* A filtered interface that is renamed is still filtered. */
static void rename_link(struct model_link *link, const char *name)
{
	if (link->program && !link->renamed_from[0])
		strcpy(link->renamed_from, link->name);
	if (!strcmp(link->renamed_from, name))
		link->renamed_from[0] = '\0';
	snprintf(link->name, sizeof(link->name), "%s", name);
}

/* Returns what happened; NULL: nothing. */
static const char *rename_any(struct chance *chance)
{
	struct model_link *link = any_link(chance), *other;
	const char *name = chance_percent(chance, 30) ? "uplink" : PICK(chance, link_names);
	char before[IF_NAMESIZE];

	if (!link || !strcmp(link->name, name))
		return NULL;
	other = kernel_link(name);
	step_says("%s is called %s%s", link->name, name,
		  other ? ", and that as it was before" : "");
	strcpy(before, link->name);
	rename_link(link, name);
	if (other)
		rename_link(other, before);
	ref_forget_renamed(&model->now);
	return other ? "names are swapped" : "interface is renamed";
}

static bool run_link_renamed(struct chance *chance)
{
	const char *what = rename_any(chance);

	if (!what)
		return true;
	step_covered(what)->done++;
	/* it may not have noticed */
	if (chance_percent(chance, 15))
		world_die(FAULT_KILL, PLACE_ANSWER);
	quiet_links();
	return true;
}

/* A start does not take these maps over: another version made them, or other sizes are configured. */
static bool run_other_maps(struct chance *chance)
{
	struct s64_meta *meta = the_daemon->maps.meta;
	bool layout = chance_percent(chance, 60);

	if (layout)
		meta->layout = OTHER_LAYOUT;
	else
		meta->blocks--;
	model->upgrades = true;
	step_says("slash64d ends, and starts with %s", layout ? "another layout" : "other sizes");
	step_covered(layout ? "start with another layout" : "start with other sizes")->done++;
	if (chance_percent(chance, 60)) {
		step_says("; ");
		rename_any(chance);
	}
	if (chance_percent(chance, 30))
		world_die(FAULT_KILL, PLACE_ANSWER);
	return false;
}

/* --- addresses --- */

static bool run_known(struct chance *chance)
{
	static const char *const kinds[] = {"an address of its own", "a next hop",
					    "a neighbour that is written down",
					    "a BGP session that it began", "a user"};
	struct model_known *known = &world->known[chance_below(chance, KNOWN_MAX)];

	if (known->is_there) {
		known->is_there = false;
		step_says("%s is no more", kinds[known->kind]);
	} else {
		const char *text = known_addresses[chance_below(chance, known_addresses_count)];

		*known = (struct model_known){true, chance_below(chance, MODEL_KNOWN_KINDS),
					      address_of_text(text)};
		step_says("%s is %s", text, kinds[known->kind]);
	}
	kernel_notify();
	for (int turn = 0; turn < 5; turn++)
		pass(100);
	step_covered("address known or not")->done++;
	return true;
}

const struct step_kind world_steps[] = {
	{"time", 5, run_time, false},
	{"stop and start", 1, run_stop, false},
	{"kill", 1, run_kill, false},
	{"interface comes", 2, run_link_comes, false},
	{"interface goes", 1, run_link_goes, false},
	{"interface is renamed", 2, run_link_renamed, false},
	{"program taken off", 1, run_link_off, false},
	{"start with other maps", 1, run_other_maps, false},
	{"address known or not", 3, run_known, false},
	{},
};

const struct step_kind look_steps[] = {{}};
