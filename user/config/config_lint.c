// SPDX-License-Identifier: GPL-2.0-only
#include "config_lint.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "net/listen_address.h"
#include "net/prefix_set.h"
#include "net/block_target.h"

/* Whether 'slash64 block' would refuse it without --force. */
static bool is_unsafe(const struct config *config, const struct config_prefix *entry,
		      struct error *why)
{
	static const struct s64_seed any_seed = {0, {1, 1}};
	struct block_target target;
	struct error text;

	if (!block_target_of(&config->rules, &any_seed, &entry->prefix, PREFIX_EXACT, &target, NULL,
			     &text))
		return false;
	error_set(why, 0, "%s:%u: %s; or set force: true", config->file, entry->line, text.text);
	return true;
}

static bool is_short(const struct config *config, const struct config_prefix *entry,
		     struct error *why)
{
	bool v4 = prefix_is_v4(&entry->prefix);
	uint8_t least = v4 ? BLOCK_TARGET_V4_LENGTH_MIN : BLOCK_TARGET_LENGTH_MIN;
	char text[PREFIX_TEXT_MAX];

	if (entry->prefix.length - (v4 ? PREFIX_V4_LENGTH : 0) >= least)
		return false;
	error_set(why, 0,
		  "%s:%u: the block %s is shorter than /%u, so it is more than "
		  "one network; or set force: true",
		  config->file, entry->line, prefix_format(&entry->prefix, text), least);
	return true;
}

static unsigned int limiter_of(const struct config_prefixes *list, const struct prefix *prefix)
{
	for (size_t i = 0; i < list->count; i++)
		if (!prefix_compare(&list->entry[i].prefix, prefix))
			return list->entry[i].line;
	return 0;
}

static bool is_allowed(const struct config *config, const struct prefix_set *allowed,
		       const struct config_prefix *entry, struct error *why)
{
	const struct prefix *around = prefix_set_around(allowed, &entry->prefix);
	char text[PREFIX_TEXT_MAX], outer[PREFIX_TEXT_MAX];

	if (!around)
		return false;
	error_set(why, 0,
		  "%s:%u: the block %s is within the allowed prefix %s of line "
		  "%u; or set force: true",
		  config->file, entry->line, prefix_format(&entry->prefix, text),
		  prefix_format(around, outer), limiter_of(&config->allow, around));
	return true;
}

/* In either direction: within one's own network, or containing it. */
static bool is_own(const struct config *config, const struct prefix_set *own,
		   const struct config_prefix *entry, struct error *why)
{
	const struct prefix *around = prefix_set_around(own, &entry->prefix);
	const struct prefix *other = around ? around : prefix_set_within(own, &entry->prefix);
	char text[PREFIX_TEXT_MAX], named[PREFIX_TEXT_MAX];

	if (!other)
		return false;
	error_set(why, 0,
		  "%s:%u: the block %s is %s the own network %s of line %u; or set force: true",
		  config->file, entry->line, prefix_format(&entry->prefix, text),
		  around ? "within" : "around", prefix_format(other, named),
		  limiter_of(&config->own, other));
	return true;
}

static int set_of(const struct config_prefixes *list, struct prefix_set *set)
{
	int err = 0;

	for (size_t i = 0; i < list->count && !err; i++)
		err = prefix_set_add(set, &list->entry[i].prefix);
	return err;
}

int config_refusals(const struct config *config, config_refused_t refused, void *data)
{
	struct prefix_set allowed = {}, own = {};
	int err = set_of(&config->allow, &allowed);

	if (!err)
		err = set_of(&config->own, &own);
	for (size_t i = 0; i < config->block.count && !err; i++) {
		const struct config_prefix *entry = &config->block.entry[i];
		struct error why;

		if (!entry->force &&
		    (is_unsafe(config, entry, &why) || is_short(config, entry, &why) ||
		     is_allowed(config, &allowed, entry, &why) ||
		     is_own(config, &own, entry, &why)))
			refused(i, &why, data);
	}
	prefix_set_free(&allowed);
	prefix_set_free(&own);
	return err;
}

/* The unit allows only localhost (scripts/slash64d.service.in). */
static bool is_served_elsewhere(const char *listen)
{
	char address[128];
	uint16_t port;

	return strcmp(listen, "off") &&
	       !listen_address_parse(listen, address, sizeof(address), &port) &&
	       strcmp(address, "::1") && strncmp(address, "127.", 4) &&
	       strcmp(address, "localhost");
}

/* What a rule says that has no effect, or another than it looks. */
static unsigned int check_detect(const struct config *config, policy_warn_t warn, void *data)
{
	unsigned int count = 0;
	char text[160];

	for (size_t i = 0; i < config->detect.count; i++) {
		const struct detect_rule *rule = &config->detect.rule[i];
		const char *what = NULL;

		if (rule->needs_proof && rule->spoofable_accepted && rule->then != DETECT_PROPOSE)
			what = "acts on wider prefixes too, though only most of their packets are "
			       "proven, as spoofable: accepted says";
		else if (rule->needs_proof && !rule->spoofable_accepted)
			continue;
		else if (rule->then == DETECT_THROTTLE && !rule->spoofable_accepted)
			what = "throttles whomever a sender pretends to be; set evidence: proven, "
			       "or spoofable: accepted if you accept that";
		else if (rule->then == DETECT_BLOCK)
			what = "blocks whomever a sender pretends to be, as spoofable: accepted "
			       "says";
		else if (rule->spoofable_accepted && rule->then == DETECT_PROPOSE)
			what = "does not act, so spoofable: accepted has no effect";
		if (!what)
			continue;
		snprintf(text, sizeof(text), "the rule '%s' %s", rule->name, what);
		warn(rule->line, text, data);
		count++;
	}
	return count;
}

/* Only whether it exists: whoever checks may have fewer rights than slash64d. */
static bool is_missing(const char *path)
{
	struct stat st;

	return stat(path, &st) && (errno == ENOENT || errno == ENOTDIR);
}

static unsigned int check_files(const struct config *config, policy_warn_t warn, void *data)
{
	unsigned int count = 0;
	char text[PATH_MAX + 128];

	for (size_t i = 0; i < config->feed_count; i++) {
		const struct config_feed *feed = &config->feed[i];

		if (!is_missing(feed->file))
			continue;
		snprintf(text, sizeof(text),
			 "feed %s: %s does not exist; it is read when it appears", feed->origin,
			 feed->file);
		warn(feed->line, text, data);
		count++;
	}
	return count;
}

unsigned int config_check(const struct config *config, policy_warn_t warn, void *data)
{
	unsigned int count = policy_check(config, warn, data) + check_detect(config, warn, data);

	count += check_files(config, warn, data);

	if (is_served_elsewhere(config->metrics)) {
		warn(1,
		     "metrics are served beyond localhost, but slash64d.service "
		     "admits only localhost; admit the scrapers by "
		     "IPAddressAllow= in a drop-in",
		     data);
		count++;
	}
	if (is_served_elsewhere(config->page)) {
		warn(1,
		     "the page is served beyond localhost, to anybody who "
		     "reaches it, and slash64d.service admits only localhost; "
		     "reach it by 'ssh -L', or admit hosts by IPAddressAllow= in a drop-in",
		     data);
		count++;
	}
	if (config->iface_count)
		return count;
	warn(1,
	     "no interfaces: nothing is filtered, except on interfaces attached "
	     "by hand; list them under 'interfaces'",
	     data);
	return count + 1;
}
