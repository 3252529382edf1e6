// SPDX-License-Identifier: GPL-2.0-only
/* The configuration: edited, validly or not, and loaded by a reload or by a start. And interfaces
 * attached by hand.
 */
#include <stdio.h>
#include <string.h>

#include "../model.h"

#define PICK(chance, list) ((list)[chance_below(chance, sizeof(list) / sizeof((list)[0]))])
#define MANY_ALLOWED	   1100

static const char *const reasons[] = {"", "ours", "abuse", "of the configuration"};

/* An allowed entry needs no force. */
static void edit_list(struct chance *chance, struct ref_entry *entry, unsigned int *count,
		      bool is_block)
{
	if (*count && chance_percent(chance, 40)) {
		entry[chance_below(chance, *count)] = entry[*count - 1];
		--*count;
		return;
	}
	if (*count == LIST_MAX)
		return;
	memset(&entry[*count], 0, sizeof(*entry));
	strcpy(entry[*count].text, text_of_prefix(chance));
	strcpy(entry[*count].reason, PICK(chance, reasons));
	entry[*count].force = is_block && chance_percent(chance, 30);
	++*count;
}

static bool is_twice(const struct ref_config *config, const struct ref_entry *entry,
		     unsigned int count)
{
	struct prefix said, a, b;

	for (unsigned int i = 0; i < count; i++)
		for (unsigned int k = 0; k < i; k++) {
			ref_target(config->sources, entry[i].text, &a, &said);
			ref_target(config->sources, entry[k].text, &b, &said);
			if (!prefix_compare(&a, &b))
				return true;
		}
	return false;
}

/* Invalid in any file: an entry that is no source; duplicates. */
static bool is_valid_list(const struct ref_config *config, const struct ref_entry *entry,
			  unsigned int count)
{
	struct prefix prefix, said;

	for (unsigned int i = 0; i < count; i++)
		if (ref_target(config->sources, entry[i].text, &prefix, &said) == TARGET_NONE)
			return false;
	return !is_twice(config, entry, count);
}

static void edit_ifaces(struct chance *chance, struct ref_config *config)
{
	static const char *const names[] = {"eth0", "eth1", "eth2", "ppp0"};
	struct ref_iface iface = {.filter = -1};
	unsigned int at;

	strcpy(iface.name, PICK(chance, names));
	for (at = 0; at < config->ifaces && strcmp(config->iface[at].name, iface.name); at++)
		;
	if (at < config->ifaces && chance_percent(chance, 40)) {
		config->iface[at] = config->iface[--config->ifaces];
		return;
	}
	iface.filter = (int)chance_below(chance, 3) - 1;
	iface.policy = chance_below(chance, REF_POLICIES);
	iface.ipv4 = chance_percent(chance, 30);
	if (at == config->ifaces && config->ifaces < IFACES_MAX)
		config->ifaces++;
	if (at < IFACES_MAX)
		config->iface[at] = iface;
}

static void edit_own(struct chance *chance, struct ref_config *config)
{
	static const char *const networks[] = {"2001:db8:b::/48", "2400:4050:1::/48",
					       "2001:db8:5600::/47"};

	if (config->owns && chance_percent(chance, 60))
		config->owns--;
	else if (config->owns < OWNS_MAX)
		strcpy(config->own[config->owns++], PICK(chance, networks));
}

static void edit_announce(struct chance *chance, struct ref_announce *announce)
{
	static const uint32_t tables[] = {667, 668}, most[] = {2, 3, 1000};

	announce->is_on = chance_percent(chance, 80);
	announce->dry_run = chance_percent(chance, 15);
	announce->table = tables[chance_percent(chance, 15)];
	announce->max = PICK(chance, most);
	announce->origins = chance_below(chance, ANNOUNCE_CHOICES);
}

static void edit(struct chance *chance, struct ref_config *config)
{
	switch (chance_below(chance, 10)) {
	case 0:
	case 1:
		edit_list(chance, config->allow, &config->allowlist, false);
		break;
	case 2:
	case 3:
		edit_list(chance, config->block, &config->blocks, true);
		break;
	case 4:
		if (config->peers && chance_percent(chance, 50))
			config->peers--;
		else if (config->peers < LIST_MAX)
			strcpy(config->peer[config->peers++],
			       known_addresses[chance_below(chance, known_addresses_count)]);
		break;
	case 5:
		edit_ifaces(chance, config);
		break;
	case 6:
		config->filter = (int)chance_below(chance, 3) - 1;
		config->bogons = chance_percent(chance, 30);
		break;
	case 7:
		edit_own(chance, config);
		break;
	case 8:
		edit_announce(chance, &config->announce);
		break;
	default:
		config->sources = chance_below(chance, SOURCES_VARIANTS);
	}
}

/* The forms that a list may have, by the source rules of the same file. */
static bool is_valid(const struct ref_config *config)
{
	return is_valid_list(config, config->allow, config->allowlist) &&
	       is_valid_list(config, config->block, config->blocks);
}

/* An interface that does not exist, and never did, may be misspelt. */
static bool is_known_iface(const char *name)
{
	for (unsigned int i = 0; i < model->now.config.ifaces; i++)
		if (!strcmp(model->now.config.iface[i].name, name))
			return true;
	for (unsigned int i = 0; i < model->now.hands; i++)
		if (!strcmp(model->now.hand[i].name, name))
			return true;
	return kernel_link(name) || model_was_seen(name);
}

bool model_has_unknown_iface(const struct ref_config *config)
{
	for (unsigned int i = 0; i < config->ifaces; i++)
		if (!is_known_iface(config->iface[i].name))
			return true;
	return false;
}

static const char *summary(const struct ref_config *config)
{
	static char out[1000];
	size_t n = snprintf(out, sizeof(out),
			    "%ssites %d, filter %d%s%s, peers %u, own %u, interfaces",
			    config->is_garbage ? "garbage, " : "", config->sources, config->filter,
			    config->bogons ? ", bogons" : "",
			    config->many_allowed ? ", too many allowed" : "", config->peers,
			    config->owns);

	for (unsigned int i = 0; i < config->ifaces; i++)
		n += snprintf(out + n, sizeof(out) - n, " %s(%d,%d)", config->iface[i].name,
			      config->iface[i].filter, config->iface[i].policy);
	for (unsigned int i = 0; i < config->allowlist && n + 60 < sizeof(out); i++)
		n += snprintf(out + n, sizeof(out) - n, ", allow %s", config->allow[i].text);
	for (unsigned int i = 0; i < config->blocks && n + 60 < sizeof(out); i++)
		n += snprintf(out + n, sizeof(out) - n, ", block %s%s", config->block[i].text,
			      config->block[i].force ? " (force)" : "");
	return out;
}

void config_draw(struct chance *chance, struct ref_config *config)
{
	unsigned int edits = 1 + chance_below(chance, 4);

	*config = model->now.config;
	config->is_garbage = false;
	config->many_allowed = 0;
	for (unsigned int i = 0; i < edits; i++) {
		struct ref_config before = *config;

		edit(chance, config);
		if (!is_valid(config))
			*config = before;
	}
}

static bool reload(struct chance *chance, const struct ref_config *config)
{
	enum ref_take taken;

	config_write(config);
	step_says("reload: %s", summary(config));
	taken = ref_take_config(&model->next, config, false, now_ms(), now_ms() + 60000);
	if (taken != REF_TAKEN || model_has_unknown_iface(config))
		model->expected = taken == REF_NO_ROOM ? REFUSED_ROOM : REFUSED_CONFIG;
	model->room_unknown = filler_is_large(&model->now);
	if (step_ask(chance, "POST", "/v1/reload", NULL)->code == 200)
		step_note_taken(&model->now.config);
	/* nobody leaves a file that cannot be loaded */
	config_write(&model->now.config);
	quiet_links();
	return true;
}

static bool run_reload(struct chance *chance)
{
	static struct ref_config config;

	config_draw(chance, &config);
	config.is_garbage = chance_percent(chance, 4);
	config.many_allowed = !config.is_garbage && chance_percent(chance, 4) ? MANY_ALLOWED : 0;
	return reload(chance, &config);
}

/* Its program cannot be detached, more often than not. */
static bool run_leave(struct chance *chance)
{
	static struct ref_config config;

	config = model->now.config;
	if (config.ifaces)
		config.ifaces--;
	return reload(chance, &config);
}

/* For a start, an interface that is waited for and never existed counts as misspelt if there is no
 * other.
 */
static bool has_known_iface(const struct ref_config *config)
{
	for (unsigned int i = 0; i < config->ifaces; i++)
		if (kernel_link(config->iface[i].name) || model_was_seen(config->iface[i].name))
			return true;
	return !config->ifaces;
}

/* The file is changed, and slash64d stopped and started: nobody is there to be told that an entry
 * is refused.
 */
static bool run_restart(struct chance *chance)
{
	static struct ref_config config;

	config_draw(chance, &config);
	/* a start accepts entries as far as there is room */
	if (model_has_unknown_iface(&config) || !has_known_iface(&config) ||
	    filler_is_large(&model->now))
		return true;
	step_says("stop, and start with: %s", summary(&config));
	config_write(&config);
	/* with other rules about sources, others may have been found first */
	routes_forget();
	step_covered("start with another file")->done++;
	return false;
}

/* --- interfaces by hand --- */

static const char *const iface_names[] = {"eth0", "eth1", "eth2", "ppp0", "lan9"};

static bool is_configured(const struct ref_state *state, const char *name)
{
	for (unsigned int i = 0; i < state->config.ifaces; i++)
		if (!strcmp(state->config.iface[i].name, name))
			return true;
	return false;
}

static void drop_name(char (*list)[IF_NAMESIZE], unsigned int *count, const char *name)
{
	for (unsigned int i = 0; i < *count;)
		if (!strcmp(list[i], name))
			memmove(list[i], list[--*count], IF_NAMESIZE);
		else
			i++;
}

static unsigned int find_hand(const struct ref_state *state, const char *name)
{
	unsigned int at;

	for (at = 0; at < state->hands && strcmp(state->hand[at].name, name); at++)
		;
	return at;
}

void config_attach_by_hand(struct ref_state *state, const char *name, int filter)
{
	unsigned int at = find_hand(state, name);

	drop_name(state->detached, &state->detacheds, name);
	if (at == state->hands && at < HAND_MAX)
		state->hands++;
	strcpy(state->hand[at].name, name);
	state->hand[at].filter = filter;
	/* exactly as configured */
	if (is_configured(state, name) && filter < 0)
		state->hand[at] = state->hand[--state->hands];
}

/* Former names of other interfaces are not tested here. */
bool model_has_renamed(void)
{
	for (int i = 0; i < LINKS_MAX; i++)
		if (world->link[i].ifindex && world->link[i].renamed_from[0])
			return true;
	return false;
}

static bool run_attach(struct chance *chance)
{
	const char *name = PICK(chance, iface_names);
	int filter = (int)chance_below(chance, 3) - 1;
	char body[256];

	if (model_has_renamed())
		return true;
	snprintf(body, sizeof(body), "{\"name\":\"%s\"%s%s}", name,
		 filter < 0 ? "" : ",\"filter\":",
		 filter < 0 ? "" :
		 filter	    ? "\"monitor\"" :
			      "\"enforce\"");
	step_says("attach %s", body);
	if (!kernel_link(name))
		model->expected = REFUSED_IFACE;
	config_attach_by_hand(&model->next, name, filter);
	step_ask(chance, "POST", "/v1/interfaces", body);
	quiet_links();
	return true;
}

/* Does that interface have an entry? */
static bool has_entry(const struct ref_state *state, const char *name)
{
	for (unsigned int i = 0; i < state->detacheds; i++)
		if (!strcmp(state->detached[i], name))
			return false;
	return is_configured(state, name) || find_hand(state, name) < state->hands;
}

static bool run_detach(struct chance *chance)
{
	const char *name = PICK(chance, iface_names);
	struct ref_state *next = &model->next;
	unsigned int at = find_hand(next, name);
	char uri[128];

	if (model_has_renamed())
		return true;
	step_says("detach %s", name);
	if (!has_entry(next, name))
		model->expected = REFUSED_IFACE;
	if (at < next->hands)
		next->hand[at] = next->hand[--next->hands];
	if (is_configured(next, name) && next->detacheds < HAND_MAX)
		strcpy(next->detached[next->detacheds++], name);
	snprintf(uri, sizeof(uri), "/v1/interfaces?name=%s", name);
	step_ask(chance, "DELETE", uri, NULL);
	quiet_links();
	return true;
}

const struct step_kind config_steps[] = {
	{"reload", 8, run_reload, false},
	{"reload without", 1, run_leave, false},
	{"start with another file", 1, run_restart, false},
	{"attach", 2, run_attach, false},
	{"detach", 2, run_detach, false},
	{},
};
