// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands: names, functions, help. */
#include <string.h>

#include "command.h"
#include "config/config.h"

#define MODES	"auto|native|generic"
#define FILTERS "enforce|monitor"
#define KINDS	"block|throttle"
#define FORMATS "auto|plain|csv|drop|drop-text|eve|crowdsec|slash64|decisions|abuseipdb|stix"
#define SORTS	"prefix|origin|reason|ticket|start|until|hits|last_hit"
#define PREFIX_TEXT \
	"of IPv6 or IPv4; an IPv6 address stands for its site, an IPv4 address for every form it has in IPv6 as well; of several, or a range FROM-TO, all or none"

const char *const command_groups[GROUP_COUNT] = {
	[GROUP_LOOK] = "Look",
	[GROUP_ACT] = "Block, and let through",
	[GROUP_LISTS] = "Lists and backups",
	[GROUP_SET_UP] = "Interfaces and configuration",
	[GROUP_ALONE] = "Without slash64d",
};

const struct command_item common_options[] = {
	{"--json", NULL, NULL, "one JSON object a line"},
	{"--socket", "PATH", NULL, "of slash64d, " CONFIG_SOCKET_DEFAULT " if not given"},
	{"--no-pager", NULL, NULL, "do not page what is longer than the terminal"},
	{"--color", "WHEN", "auto|always|never",
	 "with colour: auto is on a terminal without NO_COLOR"},
	{"--version", NULL, NULL, "tell the version"},
	{"--help", NULL, NULL, "this; behind a command, what help tells of it"},
	{},
};

static const struct command_item status_items[] = {
	{"--quiet", NULL, NULL,
	 "for a health check: print nothing; 0 where all is well, 1 where not, 3 where slash64d cannot be asked"},
	{"--pins", "DIRECTORY", NULL,
	 "where to look without slash64d: state.pins of its configuration"},
	{},
};

static const struct command_item attach_items[] = {
	{"IFACE", NULL, NULL, "the interface, by any of its names"},
	{"--mode", MODES, MODES,
	 "auto: in the driver, or without its help where it cannot (default)"},
	{"--filter", FILTERS, FILTERS, "monitor: count what would be dropped, and let it pass"},
	{},
};

static const struct command_item detach_items[] = {
	{"IFACE", NULL, NULL, "the interface, by any of its names"},
	{"--reason", "TEXT", NULL, "why, for the log"},
	{"--ticket", "ID", NULL, "where more is written about it, for the log"},
	{},
};

#define BLOCK_ITEMS                                                                                   \
	{"--for", "DURATION", NULL,                                                                   \
	 "how long from now, as 600 (seconds), 90s, 15m, 1d12h or 2w; without an end until unblock"}, \
		{"--until", "TIME", NULL,                                                             \
		 "until when, as 21:00, 'tomorrow 9:00' or 2026-11-26T20:00:00Z"},                    \
		{"--no-end", NULL, NULL,                                                              \
		 "until unblock, also where it has an end, or block_defaults give it one"},           \
		{"--reason", "TEXT", NULL, "what the list shows"},                                    \
		{"--ticket", "ID", NULL, "where more is written about it"},                           \
		{"--origin", "NAME", NULL,                                                            \
		 "in whose name, 'operator' if not given: each origin's blocks end by themselves"},   \
		{"--force", NULL, NULL, "also where a guard rail would refuse it, or ask"},           \
	{                                                                                             \
		"--dry-run", NULL, NULL, "tell what it would hit, and change nothing"                 \
	}

static const struct command_item block_items[] = {
	{"PREFIX", NULL, NULL, PREFIX_TEXT},
	BLOCK_ITEMS,
	{},
};

static const struct command_item throttle_items[] = {
	{"PREFIX", NULL, NULL, PREFIX_TEXT},
	{"--rate", "RATE", NULL, "packets a second that pass, as 100, 100/s, 10k or 6000/min"},
	{"--burst", "N", NULL,
	 "packets that may come at once, as 200 or 1k; twice the rate if not given"},
	BLOCK_ITEMS,
	{},
};

static const struct command_item edit_items[] = {
	{"PREFIX", NULL, NULL, "the prefix or address that is blocked or throttled"},
	{"--for", "DURATION", NULL, "how long from now on"},
	{"--until", "TIME", NULL, "until when"},
	{"--no-end", NULL, NULL, "until unblock"},
	{"--reason", "TEXT", NULL, "what the list shows; '' takes it away"},
	{"--ticket", "ID", NULL, "where more is written about it; '' takes it away"},
	{"--rate", "RATE", NULL, "of a throttle: packets a second that pass"},
	{"--burst", "N", NULL, "of a throttle: packets that may come at once"},
	{"--origin", "NAME", NULL,
	 "whose it is; without it, the operator's, or the only one there is"},
	{},
};

static const struct command_item reload_items[] = {
	{"--for", "DURATION", NULL,
	 "go back to the configuration before, unless it is confirmed in that time"},
	{},
};

static const struct command_item undo_items[] = {
	{"--yes", NULL, NULL, "do not ask"},
	{"--force", NULL, NULL, "also where a guard rail speaks against blocking again"},
	{"--dry-run", NULL, NULL, "tell what it would do, and change nothing"},
	{},
};

static const struct command_item unblock_items[] = {
	{"PREFIX", NULL, NULL,
	 "the prefix or address that was blocked; without it, all that the options say"},
	{"--origin", "NAME", NULL,
	 "whose it is; without it, the operator's, or the only one there is. Of many: those of it"},
	{"--ticket", "ID", NULL,
	 "of a PREFIX: why it ends, for the log. Of many: those of the ticket"},
	{"--reason", "TEXT", NULL,
	 "of a PREFIX: why it ends, for the log. Of many: those whose reason holds TEXT"},
	{"--within", "PREFIX", NULL, "of many: those within it"},
	{"--because", "TEXT", NULL, "why they end, for the log"},
	{"--dry-run", NULL, NULL, "of many: count them, and change nothing"},
	{"--yes", NULL, NULL, "of many: do not ask"},
	{"--force", NULL, NULL, "of many: do not ask, as --yes; nothing else is forced"},
	{},
};

static const struct command_item list_items[] = {
	{"PREFIX", NULL, NULL, "only what is within it"},
	{"--origin", "NAME", NULL, "those of an origin"},
	{"--reason", "TEXT", NULL, "those whose reason holds TEXT"},
	{"--ticket", "ID", NULL, "those of a ticket"},
	{"--kind", KINDS, KINDS, "blocks or throttles alone"},
	{"--hits", "N", NULL, "those with N hits and more, as 500 or 10k"},
	{"--hit-within", "DURATION", NULL, "those hit in the last DURATION, like 15m or 7d"},
	{"--started-within", "DURATION", NULL, "those begun in the last DURATION"},
	{"--ends-within", "DURATION", NULL, "those that end in the next DURATION"},
	{"--sort", "KEY", SORTS,
	 "by prefix, origin, reason, ticket, start, until, hits or last_hit"},
	{"--reverse", NULL, NULL, "the last first"},
	{"--addresses", NULL, NULL, "a row for each address that was listed, not one for its site"},
	{"--all", NULL, NULL,
	 "all of them: a terminal is shown the newest 50, and how many more there are"},
	{"--limit", "N", NULL, "N rows"},
	{"--offset", "N", NULL, "after leaving out N of them"},
	{},
};

static const struct command_item lookup_items[] = {
	{"ADDRESS", NULL, NULL, "of IPv6 or IPv4"},
	{},
};

static const struct command_item import_items[] = {
	{"FILE", NULL, NULL, "the list; - is standard input"},
	{"--origin", "NAME", NULL, "the set it becomes part of, 'import' if not given"},
	{"--replace", NULL, NULL, "make that set equal to the file: what is not in the file, ends"},
	{"--strict", NULL, NULL, "take nothing where a line is bad"},
	{"--force", NULL, NULL, "also what a guard rail would refuse"},
	{"--format", "FORMAT", FORMATS,
	 "auto, plain, csv, drop, drop-text, eve, crowdsec, slash64, decisions, abuseipdb or stix (auto)"},
	{"--for", "DURATION", NULL, "how long, where the file does not tell"},
	{"--reason", "TEXT", NULL, "why, where the file does not tell"},
	{"--dry-run", NULL, NULL, "tell what would change, and change nothing"},
	{},
};

static const struct command_item export_items[] = {
	{"--output", "FILE", NULL,
	 "into a file, which is replaced as a whole; without it to standard output"},
	{},
};

static const struct command_item restore_items[] = {
	{"FILE", NULL, NULL, "what export wrote"},
	{"--yes", NULL, NULL, "do not ask"},
	{"--strict", NULL, NULL, "take nothing where a line is bad"},
	{"--dry-run", NULL, NULL, "tell what would change, and change nothing"},
	{},
};

static const struct command_item allow_items[] = {
	{"PREFIX", NULL, NULL,
	 "it stays open, whatever is blocked around it; without it, what is allowed is listed"},
	{"--reason", "TEXT", NULL, "what the list shows"},
	{},
};

static const struct command_item unallow_items[] = {
	{"PREFIX", NULL, NULL, "the prefix that was allowed"},
	{"--reason", "TEXT", NULL, "why, for the log"},
	{"--ticket", "ID", NULL, "where more is written about it, for the log"},
	{},
};

static const struct command_item log_items[] = {
	{"--since", "TIME", NULL,
	 "since when: 90m (ago), 11:00, yesterday, 2026-11-23, '2026-11-23 13:00', or ISO 8601"},
	{"--until", "TIME", NULL,
	 "until when, as 90m (ago), 11:00, yesterday, 2026-11-23 or ISO 8601; 11:00 is the next one behind --since"},
	{"--prefix", "PREFIX", NULL,
	 "what concerns a prefix: it, what is within it, and what it is within"},
	{"--limit", "N", NULL, "the last N"},
	{"--all", NULL, NULL,
	 "all of them: a terminal is shown the last 50, and how many more there are"},
	{},
};

static const struct command_item top_items[] = {
	{"--seconds", "DURATION", NULL,
	 "those seen in the last DURATION, as 30 (seconds) or 5m, 10 if not given; rates are of the last second"},
	{"--limit", "N", NULL, "how many are listed, 20 if not given"},
	{},
};

static const struct command_item policy_items[] = {
	{"show", NULL, NULL, "the policy in force, and where each part of it comes from"},
	{"check", "FILE", NULL,
	 "refuse a configuration that contradicts itself, and warn of what breaks IPv6"},
	{"diff", "FILE", NULL, "what a configuration would change, all of it"},
	{},
};

static const struct command_item diff_items[] = {
	{"FILE", NULL, NULL, "the configuration, " CONFIG_FILE_DEFAULT " if not given"},
	{},
};

static const struct command_item replay_items[] = {
	{"FILE", NULL, NULL, "a capture, pcap or pcapng"},
	{"--config", "FILE", NULL,
	 "the configuration to judge by, the default policy if not given"},
	{"--interface", "NAME", NULL, "as that interface of it would, or the only one there is"},
	{"--as", "transit|local", "transit|local",
	 "all packets as routed through, or as addressed to the router"},
	{"--local", "ADDRESS", NULL, "the router's own address or prefix, as often as needed"},
	{"--step", "all|parse|classify", "all|parse|classify",
	 "stop behind a step, to look at it alone"},
	{},
};

static const struct command_item say_items[] = {
	{"PREFIX", NULL, NULL, "of at most 64 bits"},
	{},
};

static const struct command_item hear_items[] = {
	{"TEXT", NULL, NULL, "as it was told, in one word or in several"},
	{},
};

static const struct command_item upgrade_items[] = {
	{"--check", NULL, NULL,
	 "tell it, and do nothing; an upgrade is done by starting the new slash64d"},
	{"--config", "FILE", NULL, "its configuration, " CONFIG_FILE_DEFAULT " if not given"},
	{},
};

static const struct command_item help_items[] = {
	{"COMMAND", NULL, NULL, "the one to be explained; without it, all are listed"},
	{},
};

const struct command commands[] = {
	{"status", GROUP_LOOK, " state info health ", "",
	 "whether all is well; interfaces, feeds, store, tables, rates",
	 "Where slash64d does not run, it looks for what filters on in the kernel.", status_items,
	 "slash64 status",
	 "where something is not well; with --quiet 3 where slash64d cannot be asked",
	 command_status},
	{"top", GROUP_LOOK, " watch ", "", "the loudest sites", NULL, top_items,
	 "slash64 top --seconds 60", NULL, command_top},
	{"who", GROUP_LOOK, " whois why lookup ", "ADDRESS",
	 "all that is known of a source: its site, its forms, what is done with it and why", NULL,
	 lookup_items, "slash64 who 2001:db8:bad:1::66", NULL, command_lookup},
	{"list", GROUP_LOOK, " show ls blocks ", "[PREFIX]", "what is blocked and throttled", NULL,
	 list_items, "slash64 list --origin spamhaus --sort hits --reverse --limit 20", NULL,
	 command_list},
	{"log", GROUP_LOOK, " history changes audit ", "",
	 "who changed what, when, why, and from where", NULL, log_items,
	 "slash64 log --since yesterday --prefix 2001:db8:bad:1::/64", NULL, command_log},
	{"metrics", GROUP_LOOK, " counters stats ", "", "the exposition text of the counters", NULL,
	 NULL, "slash64 metrics", NULL, command_metrics},

	{"block", GROUP_ACT, " ban deny drop add ", "PREFIX...", "drop everything from a prefix",
	 NULL, block_items, "slash64 block 2001:db8:bad:1::/64 --for 1h --reason 'echo flood'",
	 "also with --dry-run, where it would be refused", command_block},
	{"throttle", GROUP_ACT, " limit ratelimit ", "PREFIX... --rate RATE",
	 "hold a prefix to a rate", NULL, throttle_items,
	 "slash64 throttle 2001:db8:bad:1::/64 --rate 100 --for 1h",
	 "also with --dry-run, where it would be refused", command_throttle},
	{"edit", GROUP_ACT, " change modify extend prolong update ", "PREFIX...",
	 "change the end, reason, ticket or rate of a block or throttle",
	 "What is not given stays as it is.", edit_items,
	 "slash64 edit 2001:db8:bad:1::/64 --for 2h", NULL, command_edit},
	{"unblock", GROUP_ACT, " unban delete remove del rm unthrottle ", "[PREFIX...]",
	 "end a block or throttle, or many",
	 "Without PREFIX all end that --origin, --ticket, --reason and --within say, all of which have to hold.",
	 unblock_items, "slash64 unblock 2001:db8:bad:1::/64", NULL, command_unblock},
	{"undo", GROUP_ACT, " revert back oops ", "", "take back the last change of your own",
	 "It tells what it is going to do, and asks. What somebody else has changed since is not touched.",
	 undo_items, "slash64 undo", NULL, command_undo},
	{"allow", GROUP_ACT, " permit whitelist allowlist accept ", "[PREFIX...]",
	 "what is never blocked: add, or list", NULL, allow_items,
	 "slash64 allow 2001:db8:f00d::/48 --reason 'our monitoring'", NULL, command_allow},
	{"unallow", GROUP_ACT, "", "PREFIX...", "take back what was allowed", NULL, unallow_items,
	 "slash64 unallow 2001:db8:f00d::/48", NULL, command_unallow},
	{"disallow", GROUP_ACT, "", "PREFIX...",
	 "what unallow does: the name it had in version 0.1.0, for scripts", NULL, unallow_items,
	 "slash64 disallow 2001:db8:f00d::/48", NULL, command_unallow},

	{"import", GROUP_LISTS, " load ", "FILE|-", "block what stands in a file", NULL,
	 import_items, "slash64 import dropv6.json --origin spamhaus --replace",
	 "also where nothing could be taken, or the tables had no room for all of it",
	 command_import},
	{"export", GROUP_LISTS, " backup save dump ", "",
	 "everything that is blocked, throttled, allowed and attached, as a backup",
	 "slash64 restore takes it back.", export_items, "slash64 export --output slash64.backup",
	 NULL, command_export},
	{"restore", GROUP_LISTS, "", "FILE",
	 "take back what export wrote: blocks, allowed prefixes and interfaces",
	 "It tells what it is going to do, and asks. Nothing that is blocked now ends.",
	 restore_items, "slash64 restore slash64.backup --dry-run", NULL, command_restore},

	{"attach", GROUP_SET_UP, " enable up ", "IFACE", "attach to an interface, live", NULL,
	 attach_items, "slash64 attach wan0 --filter monitor", NULL, command_attach},
	{"detach", GROUP_SET_UP, " disable down ", "IFACE", "detach from an interface", NULL,
	 detach_items, "slash64 detach wan0", NULL, command_detach},
	{"reload", GROUP_SET_UP, " refresh restart ", "", "read the configuration again",
	 "With --for it holds for so long: unless 'slash64 confirm' says yes in that time, the one before returns.",
	 reload_items, "slash64 reload --for 5m", NULL, command_reload},
	{"confirm", GROUP_SET_UP, " commit keep yes ", "",
	 "keep the configuration that 'reload --for' took", NULL, NULL, "slash64 confirm", NULL,
	 command_confirm},
	{"policy", GROUP_SET_UP, " config ", "show | check FILE | diff FILE",
	 "the policy: in force, or in a file", NULL, policy_items, "slash64 policy diff new.yaml",
	 NULL, command_policy},
	{"diff", GROUP_SET_UP, " compare changes ", "[FILE]",
	 "what a reload of a configuration would change, all of it",
	 "It ends with 2 where it cannot tell.", diff_items, "slash64 diff new.yaml",
	 "only where there is a difference", command_diff},
	{"upgrade", GROUP_SET_UP, " update ", "--check",
	 "what starting this version of slash64d would do with what is in force", NULL,
	 upgrade_items, "slash64 upgrade --check", NULL, command_upgrade},

	{"replay", GROUP_ALONE, " pcap simulate test ", "FILE", "what would be done with a capture",
	 NULL, replay_items, "slash64 replay yesterday.pcap --config new.yaml", NULL,
	 command_replay},
	{"say", GROUP_ALONE, " spell tell ", "PREFIX", "a prefix as it is told over the telephone",
	 NULL, say_items, "slash64 say 2001:db8:bad:1::/64", NULL, command_say},
	{"hear", GROUP_ALONE, " listen ", "TEXT", "a prefix as it was told: check it", NULL,
	 hear_items, "slash64 hear '2001 0db8 0bad 0001 / 64 U1'",
	 "also where the check fails; what was probably meant is told", command_hear},
	{"help", GROUP_ALONE, " man usage ", "[COMMAND]", "what a command does, and its options",
	 NULL, help_items, "slash64 help block", NULL, command_help},
	{},
};

const struct command *command_find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}
