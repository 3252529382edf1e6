// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands: names, functions, help. */
#include <string.h>

#include "command.h"
#include "base/text/language.h"
#include "config/config.h"

/* A text that is translated has no names of macros in it. */
_Static_assert(!__builtin_strcmp(CONFIG_SOCKET_DEFAULT, "/run/slash64/control.sock"),
	       "--socket says so");
_Static_assert(!__builtin_strcmp(CONFIG_FILE_DEFAULT, "/etc/slash64/slash64.yaml"), "FILE says so");

#define MODES	 "auto|native|generic"
#define FILTERS	 "enforce|monitor"
#define KINDS	 "block|throttle"
#define VERDICTS "pass|drop|would_drop"
#define REPORTS	 "text|xarf|cef"
#define LANGS	 "en|ja"
#define PROTOS	 "tcp|udp|icmp|sctp"
#define TOPS	 "source|destination|48|class|reason"
#define FORMATS	 "auto|plain|csv|drop|drop-text|eve|crowdsec|slash64|decisions|abuseipdb|stix"
#define SORTS	 "prefix|origin|reason|ticket|start|until|hits|last_hit"
#define PREFIX_TEXT \
	N_("prefix, address or range FROM-TO; an IPv6 address stands for its source, an IPv4 address also for its forms in IPv6; several are applied all or none")

const char *const command_groups[GROUP_COUNT] = {
	[GROUP_LOOK] = N_("Look"),
	[GROUP_ACT] = N_("Block and allow"),
	[GROUP_LISTS] = N_("Lists and backups"),
	[GROUP_SET_UP] = N_("Interfaces and configuration"),
	[GROUP_ALONE] = N_("Without slash64d"),
};

const struct command_item common_options[] = {
	{"--json", NULL, NULL, N_("print one JSON object per line")},
	{"--socket", "PATH", NULL, N_("socket of slash64d (/run/slash64/control.sock)")},
	{"--no-pager", NULL, NULL, N_("do not use a pager")},
	{"--color", "WHEN", "auto|always|never",
	 N_("use colour; auto: on a terminal, unless NO_COLOR is set")},
	{"--host", "HOST", NULL,
	 N_("run the command on another router, over ssh: NAME, USER@NAME or ssh://USER@NAME:PORT")},
	{"--hosts", "FILE", NULL, N_("run it on all hosts that a file lists, side by side")},
	{"--parallel", "N", NULL, N_("with --hosts: on at most N at a time (16)")},
	{"--timeout", "DURATION", NULL, N_("with --hosts: wait at most DURATION for each (60s)")},
	{"--version", NULL, NULL, N_("print the version")},
	{"--help", NULL, NULL, N_("print this; after a command, the help of that command")},
	{},
};

static const struct command_item status_items[] = {
	{"--quiet", NULL, NULL,
	 N_("for health checks: print nothing; exit with 0 if all is well, 1 if not, 3 if slash64d is unreachable")},
	{"--pins", "DIRECTORY", NULL,
	 N_("where to look if slash64d is not running (maps.pins of its configuration)")},
	{},
};

static const struct command_item init_items[] = {
	{"--interface", "IFACE", NULL,
	 N_("the interface that faces outside, or several with commas (those of the default routes)")},
	{"--output", "FILE", NULL,
	 N_("where to write it (/etc/slash64/slash64.yaml); - is standard output")},
	{"--yes", NULL, NULL, N_("do not ask: take what is found, and proven")},
	{"--force", NULL, NULL,
	 N_("replace a configuration that is there; the old one is kept beside it")},
	{},
};

static const struct command_item attach_items[] = {
	{"IFACE", NULL, NULL, N_("the interface, by any of its names")},
	{"--mode", MODES, MODES,
	 N_("auto (default): native, in the driver, if supported, else generic")},
	{"--filter", FILTERS, FILTERS, N_("monitor: count what would be dropped, but pass it")},
	{},
};

static const struct command_item detach_items[] = {
	{"IFACE", NULL, NULL, N_("the interface, by any of its names")},
	{"--reason", "TEXT", NULL, N_("reason, for the log")},
	{"--ticket", "ID", NULL, N_("ticket, for the log")},
	{},
};

#define BLOCK_ITEMS                                                                           \
	{"--for", "DURATION", NULL,                                                           \
	 N_("duration, like 600 (seconds), 90s, 15m, 1d12h or 2w (default: until unblock)")}, \
		{"--until", "TIME", NULL,                                                     \
		 N_("end, like 21:00, 'tomorrow 9:00' or 2026-11-26T20:00:00Z")},             \
		{"--no-end", NULL, NULL,                                                      \
		 N_("no end: remove an existing end, ignore that of block_defaults")},        \
		{"--reason", "TEXT", NULL, N_("reason, shown in the list")},                  \
		{"--ticket", "ID", NULL, N_("ticket, shown in the list")},                    \
		{"--origin", "NAME", NULL,                                                    \
		 N_("origin (operator): the blocks of each origin end separately")},          \
		{"--force", NULL, NULL, N_("override guard rails and confirmations")},        \
	{                                                                                     \
		"--dry-run", NULL, NULL, N_("print what it would hit, and change nothing")    \
	}

static const struct command_item block_items[] = {
	{"PREFIX", NULL, NULL, PREFIX_TEXT},
	BLOCK_ITEMS,
	{},
};

static const struct command_item throttle_items[] = {
	{"PREFIX", NULL, NULL, PREFIX_TEXT},
	{"--rate", "RATE", NULL,
	 N_("packets per second that pass, like 100, 100/s, 10k or 6000/min")},
	{"--burst", "N", NULL, N_("burst in packets, like 200 or 1k (twice the rate)")},
	BLOCK_ITEMS,
	{},
};

static const struct command_item edit_items[] = {
	{"PREFIX", NULL, NULL, N_("the blocked or throttled prefix or address")},
	{"--for", "DURATION", NULL, N_("new duration, from now")},
	{"--until", "TIME", NULL, N_("new end")},
	{"--no-end", NULL, NULL, N_("no end, until unblock")},
	{"--reason", "TEXT", NULL, N_("new reason; '' removes it")},
	{"--ticket", "ID", NULL, N_("new ticket; '' removes it")},
	{"--rate", "RATE", NULL, N_("of a throttle: packets per second that pass")},
	{"--burst", "N", NULL, N_("of a throttle: burst in packets")},
	{"--origin", "NAME", NULL, N_("origin of the entry (operator, or the only one)")},
	{},
};

static const struct command_item reload_items[] = {
	{"--for", "DURATION", NULL,
	 N_("return to the previous configuration unless confirmed within DURATION, at most 7d")},
	{},
};

static const struct command_item undo_items[] = {
	{"--yes", NULL, NULL, N_("do not ask")},
	{"--force", NULL, NULL, N_("override guard rails against a block that returns")},
	{"--dry-run", NULL, NULL, N_("print what it would do, and change nothing")},
	{},
};

static const struct command_item unblock_items[] = {
	{"PREFIX", NULL, NULL,
	 N_("the blocked prefix or address; without it, all entries that match the options")},
	{"--origin", "NAME", NULL,
	 N_("origin of the entry (operator, or the only one); without PREFIX: entries of this origin")},
	{"--ticket", "ID", NULL,
	 N_("with PREFIX: ticket for the log; without: entries of this ticket")},
	{"--reason", "TEXT", NULL,
	 N_("with PREFIX: reason for the log; without: entries whose reason contains TEXT")},
	{"--within", "PREFIX", NULL, N_("without PREFIX: entries within this one")},
	{"--because", "TEXT", NULL, N_("reason for the log")},
	{"--dry-run", NULL, NULL,
	 N_("without PREFIX: print the number of entries, and change nothing")},
	{"--yes", NULL, NULL, N_("without PREFIX: do not ask")},
	{"--force", NULL, NULL, N_("without PREFIX: like --yes, and nothing more")},
	{},
};

static const struct command_item proposals_items[] = {
	{"ID", NULL, NULL, N_("the number of a proposal, with --write")},
	{"--all", NULL, NULL, N_("also those that are over")},
	{"--write", "FILE", NULL,
	 N_("write its packets, as pcapng with the reason of each; - is standard output")},
	{},
};

static const struct command_item apply_items[] = {
	{"ID", NULL, NULL, N_("the number of the proposal")},
	{"--for", "DURATION", NULL, N_("duration, like 15m or 1h (default: as its rule says)")},
	{"--reason", "TEXT", NULL, N_("reason, shown in the list (default: what was measured)")},
	{"--ticket", "ID", NULL, N_("ticket, shown in the list")},
	{},
};

static const struct command_item dismiss_items[] = {
	{"ID", NULL, NULL, N_("the number of the proposal")},
	{"--for", "DURATION", NULL,
	 N_("do not propose it again for DURATION (default: until the attack is over)")},
	{"--reason", "TEXT", NULL, N_("reason, for the log")},
	{"--ticket", "ID", NULL, N_("ticket, for the log")},
	{},
};

static const struct command_item list_items[] = {
	{"PREFIX", NULL, NULL, N_("only entries within it")},
	{"--origin", "NAME", NULL, N_("only entries of this origin")},
	{"--reason", "TEXT", NULL, N_("only entries whose reason contains TEXT")},
	{"--ticket", "ID", NULL, N_("only entries of this ticket")},
	{"--kind", KINDS, KINDS, N_("only blocks, or only throttles")},
	{"--hits", "N", NULL, N_("only entries with at least N hits, like 500 or 10k")},
	{"--hit-within", "DURATION", NULL,
	 N_("only entries hit in the last DURATION, like 15m or 7d")},
	{"--started-within", "DURATION", NULL, N_("only entries started in the last DURATION")},
	{"--ends-within", "DURATION", NULL, N_("only entries that end in the next DURATION")},
	{"--sort", "KEY", SORTS,
	 N_("sort by prefix, origin, reason, ticket, start, until, hits or last_hit")},
	{"--reverse", NULL, NULL, N_("reverse the order")},
	{"--addresses", NULL, NULL,
	 N_("print a row for each blocked address, not one for its source")},
	{"--all", NULL, NULL, N_("print all; by default a terminal shows the newest 50")},
	{"--limit", "N", NULL, N_("print at most N rows")},
	{"--offset", "N", NULL, N_("skip the first N rows")},
	{},
};

static const struct command_item lookup_items[] = {
	{"ADDRESS", NULL, NULL, N_("an IPv6 or IPv4 address")},
	{},
};

static const struct command_item import_items[] = {
	{"FILE", NULL, NULL, N_("the list; - for standard input")},
	{"--origin", "NAME", NULL, N_("set to add the entries to (import)")},
	{"--replace", NULL, NULL,
	 N_("make the set equal to the file: entries that are not in it end")},
	{"--strict", NULL, NULL, N_("refuse the whole file if a line is invalid")},
	{"--force", NULL, NULL,
	 N_("override guard rails; with --replace, accept an incomplete or empty file")},
	{"--format", "FORMAT", FORMATS,
	 N_("auto (default), plain, csv, drop, drop-text, eve, crowdsec, slash64, decisions, abuseipdb or stix")},
	{"--for", "DURATION", NULL, N_("duration of entries without an end")},
	{"--reason", "TEXT", NULL, N_("reason of entries without one")},
	{"--dry-run", NULL, NULL, N_("print what would change, and change nothing")},
	{},
};

static const struct command_item flowspec_items[] = {
	{"--refused", NULL, NULL, "only rules that are refused"},
	{"--file", "FILE", NULL,
	 "'rules' in the configuration of slash64-flowspec (/run/slash64-flowspec/rules)"},
	{},
};

static const struct command_item export_items[] = {
	{"--output", "FILE", NULL,
	 N_("write to a file, which is replaced atomically (standard output)")},
	{},
};

static const struct command_item restore_items[] = {
	{"FILE", NULL, NULL, N_("output of export")},
	{"--yes", NULL, NULL, N_("do not ask")},
	{"--strict", NULL, NULL, N_("refuse the whole file if a line is invalid")},
	{"--dry-run", NULL, NULL, N_("print what would change, and change nothing")},
	{},
};

static const struct command_item allow_items[] = {
	{"PREFIX", NULL, NULL,
	 N_("the prefix to allow, whatever is blocked around it; without it, list the allowed prefixes")},
	{"--reason", "TEXT", NULL, N_("reason, shown in the list")},
	{},
};

static const struct command_item unallow_items[] = {
	{"PREFIX", NULL, NULL, N_("the allowed prefix")},
	{"--reason", "TEXT", NULL, N_("reason, for the log")},
	{"--ticket", "ID", NULL, N_("ticket, for the log")},
	{"--force", NULL, NULL, N_("override guard rails: block what it has kept open")},
	{},
};

static const struct command_item log_items[] = {
	{"--since", "TIME", NULL,
	 N_("start: 90m (ago), 11:00, yesterday, 2026-11-23, '2026-11-23 13:00', or ISO 8601")},
	{"--until", "TIME", NULL, N_("end, like --since; 11:00 is the first one after --since")},
	{"--prefix", "PREFIX", NULL,
	 N_("only changes of this prefix, prefixes within it, and prefixes that contain it")},
	{"--limit", "N", NULL, N_("print the last N")},
	{"--all", NULL, NULL, N_("print all; by default a terminal shows the last 50")},
	{"--follow", NULL, NULL,
	 N_("print changes as they happen, until Ctrl-C; those of before with --since or --limit")},
	{},
};

/* What watch, top and capture look at. */
/* clang-format off */
#define FILTER_ITEMS                                                                             \
	{"--source", "PREFIX", NULL, N_("only packets from this prefix or address")},                \
	{"--destination", "PREFIX", NULL, N_("only packets to this prefix or address")},             \
	{"--class", "CLASS", NULL, N_("only packets of this class, like echo-request")},             \
	{"--reason", "REASON", NULL, N_("only packets with this reason, like blocked")},             \
	{"--verdict", VERDICTS, VERDICTS,                                                        \
	 N_("only packets with this verdict; would_drop: passed because the interface monitors")},   \
	{"--interface", "IFACE", NULL, N_("only packets that came in on this interface")}
/* clang-format on */

static const struct command_item watch_items[] = {
	FILTER_ITEMS,
	{},
};

static const struct command_item top_items[] = {
	{"--seconds", "DURATION", NULL,
	 N_("sources seen in the last DURATION, like 30 (seconds) or 5m, at most 1h (10); rates are of the last second")},
	{"--limit", "N", NULL, N_("print one table of at most N rows, up to 10000 (20)")},
	{"--once", NULL, NULL, N_("print one table, also on a terminal")},
	{"--by", TOPS, TOPS,
	 N_("a row for each source (default), destination /64, /48 of sources, class or reason")},
	FILTER_ITEMS,
	{},
};

static const struct command_item capture_items[] = {
	FILTER_ITEMS,
	{"--write", "FILE", NULL,
	 N_("to this file; - or nothing: to standard output, if it is no terminal")},
	{"--snaplen", "BYTES", NULL, N_("keep at most so many bytes of each packet (65535)")},
	{"--packets", "N", NULL, N_("end after N packets")},
	{"--for", "DURATION", NULL, N_("end after this time, like 30s or 5m")},
	{},
};

static const struct command_item policy_items[] = {
	{"show", NULL, NULL, N_("print the policy in force, and the reference of each part")},
	{"check", "FILE", NULL, N_("check a configuration; warn of settings that break IPv6")},
	{"diff", "FILE", NULL, N_("print everything that a configuration would change")},
	{"suggest", NULL, NULL, N_("print limits and thresholds from what this router has seen")},
	{},
};

static const struct command_item diff_items[] = {
	{"FILE", NULL, NULL, N_("the configuration (that of slash64d, which a reload reads)")},
	{},
};

static const struct command_item replay_items[] = {
	{"FILE", NULL, NULL, N_("a pcap or pcapng capture")},
	{"--config", "FILE", NULL, N_("the configuration (the default policy)")},
	{"--detect", NULL, NULL,
	 N_("what the rules of detection would have proposed, when and why")},
	{"--interface", "NAME", NULL,
	 N_("apply the settings of this interface of it (the only one)")},
	{"--as", "transit|local", "transit|local",
	 N_("treat all packets as routed through, or as addressed to the router")},
	{"--local", "ADDRESS", NULL,
	 N_("an address or prefix of the router itself; may be repeated")},
	{"--step", "all|parse|classify", "all|parse|classify", N_("stop after a step")},
	{},
};

static const struct command_item report_items[] = {
	{"PREFIX", NULL, NULL,
	 N_("the source: a prefix, or an address, which stands for its source")},
	{"--since", "TIME", NULL,
	 N_("start of the time that it covers, like 2d or yesterday (7d)")},
	{"--until", "TIME", NULL, N_("end of the time that it covers (now)")},
	{"--format", "FORMAT", REPORTS,
	 N_("text (default), a notice to send; xarf, for abuse desks; cef, a line for a SIEM")},
	{"--lang", "LANG", LANGS, N_("language of the text: en (default) or ja")},
	{"--evidence", "FILE", NULL, N_("attach a file, such as one of 'slash64 capture'")},
	{"--protocol", "PROTO", PROTOS,
	 N_("protocol of the attack, if it cannot be seen any more")},
	{"--config", "FILE", NULL,
	 N_("where its sender and the registry files are named (the file of slash64d)")},
	{},
};

static const struct command_item say_items[] = {
	{"PREFIX", NULL, NULL, N_("an IPv6 prefix of at most 64 bits")},
	{"--lang", "LANG", LANGS,
	 N_("language that it is read out in: en or ja (that of the messages)")},
	{},
};

static const struct command_item hear_items[] = {
	{"TEXT", NULL, NULL, N_("the dictated text, in one or several arguments")},
	{},
};

static const struct command_item upgrade_items[] = {
	{"--config", "FILE", NULL, N_("its configuration (/etc/slash64/slash64.yaml)")},
	{},
};

static const struct command_item doctor_items[] = {
	{"IFACE", NULL, NULL,
	 N_("only this interface; without it those of the configuration, or all that it may be wanted on")},
	{"--config", "FILE", NULL, N_("the configuration (that of slash64d)")},
	{"--support", "FILE", NULL,
	 N_("write what whoever helps you needs to see: findings, configuration without secrets, status, log, counters; - is standard output")},
	{"--with-addresses", NULL, NULL,
	 N_("with --support: leave addresses as they are; by default each has a made-up name")},
	{},
};

static const struct command_item help_items[] = {
	{"COMMAND", NULL, NULL, N_("the command to explain; without it, list all commands")},
	{},
};

const struct command commands[] = {
	{"status", GROUP_LOOK, " state info health ", "",
	 N_("whether all is well; interfaces, feeds, store, maps, rates"),
	 N_("If slash64d is not running, it looks up what still filters in the kernel."),
	 status_items, "slash64 status",
	 N_("if there is a problem; with --quiet 3 if slash64d is unreachable"), command_status},
	{"watch", GROUP_LOOK, " events follow tail monitor tcpdump ", "",
	 N_("what happens to packets, as it happens, until Ctrl-C"),
	 N_("Each line is a packet that was sampled; xN stands for about N packets like it. All filters that are given must match."),
	 watch_items, "slash64 watch --verdict drop --source 2001:db8:bad::/48",
	 N_("only if slash64d cannot be reached, or ends"), command_watch},
	{"top", GROUP_LOOK, " loud talkers ", "", N_("the sources with the highest packet rates"),
	 NULL, top_items, "slash64 top --seconds 60", NULL, command_top},
	{"capture", GROUP_LOOK, " tcpdump dump pcap record ", "",
	 N_("packets as they came in at the interface, dropped ones too, as pcapng"),
	 N_("It takes every packet that matches as long as its rings have room, and prints how many it lost. Each packet has a comment: verdict, reason, class, and source. A capture is logged, with who started it. One capture can run at a time."),
	 capture_items,
	 "slash64 capture --source 2001:db8:bad:1::/64 --write attack.pcapng\n"
	 "slash64 capture --verdict drop --write - | tshark -r -",
	 N_("also if slash64d ends the capture"), command_capture},
	{"lookup", GROUP_LOOK, " who whois why ", "ADDRESS",
	 N_("everything known about a source: its forms, its verdict and why"), NULL, lookup_items,
	 "slash64 lookup 2001:db8:bad:1::66", NULL, command_lookup},
	{"list", GROUP_LOOK, " show ls blocks ", "[PREFIX]", N_("blocks and throttles"), NULL,
	 list_items, "slash64 list --origin spamhaus --sort hits --reverse --limit 20", NULL,
	 command_list},
	{"proposals", GROUP_LOOK, " detect suggestions alerts attacks offenders ",
	 "[ID --write FILE]",
	 N_("whom the rules of detection propose to block or throttle, and what it would cost"),
	 N_("COST is the share of the packets in the prefix, and the sources, that take no part. A proposal is over when the attack is."),
	 proposals_items, "slash64 proposals", NULL, command_proposals},
	{"flowspec", GROUP_LOOK, " bgp exabgp rules ", "",
	 "the rules of BGP FlowSpec that came in: executed, or refused and why",
	 "It reads what slash64-flowspec(8) writes.", flowspec_items, "slash64 flowspec --refused",
	 "also if slash64-flowspec does not run", command_flowspec},
	{"log", GROUP_LOOK, " history changes audit ", "",
	 N_("who changed what, when, why, and from where"), NULL, log_items,
	 "slash64 log --since yesterday --prefix 2001:db8:bad:1::/64", NULL, command_log},
	{"report", GROUP_LOOK, " abuse notice xarf cef complain ", "PREFIX",
	 N_("a report of a source, for its customer, its provider or a SIEM"),
	 N_("It tells what was seen and done: who did it is left out."), report_items,
	 "slash64 report 2001:db8:bad:1::/64 --lang ja\n"
	 "slash64 report 2001:db8:bad:1::/64 --format xarf --evidence attack.pcapng",
	 N_("also if nothing is known of the prefix"), command_report},
	{"metrics", GROUP_LOOK, " counters stats ", "", N_("the metrics in Prometheus text format"),
	 NULL, NULL, "slash64 metrics", NULL, command_metrics},

	{"block", GROUP_ACT, " ban deny drop add ", "PREFIX...",
	 N_("drop everything from a prefix"), NULL, block_items,
	 "slash64 block 2001:db8:bad:1::/64 --for 1h --reason 'echo flood'",
	 N_("also with --dry-run, if it would be refused"), command_block},
	{"throttle", GROUP_ACT, " limit ratelimit ", "PREFIX... --rate RATE",
	 N_("limit a prefix to a rate"), NULL, throttle_items,
	 "slash64 throttle 2001:db8:bad:1::/64 --rate 100 --for 1h",
	 N_("also with --dry-run, if it would be refused"), command_throttle},
	{"apply", GROUP_ACT, " accept approve ", "ID", N_("do what a proposal says"),
	 N_("Guard rails hold. A proposal that is over is not applied."), apply_items,
	 "slash64 apply 7 --for 1h", NULL, command_apply},
	{"dismiss", GROUP_ACT, " ignore reject ", "ID", N_("do not do what a proposal says"), NULL,
	 dismiss_items, "slash64 dismiss 7 --for 1d --reason 'our own scanner'", NULL,
	 command_dismiss},
	{"edit", GROUP_ACT, " change modify extend prolong update ", "PREFIX...",
	 N_("change the end, reason, ticket or rate of a block or throttle"),
	 N_("Values that are not given stay."), edit_items,
	 "slash64 edit 2001:db8:bad:1::/64 --for 2h", NULL, command_edit},
	{"unblock", GROUP_ACT, " unban delete remove del rm unthrottle ", "[PREFIX...]",
	 N_("end one block or throttle, or many"),
	 N_("Without PREFIX it ends all entries that match --origin, --ticket, --reason and --within, as far as given."),
	 unblock_items, "slash64 unblock 2001:db8:bad:1::/64", NULL, command_unblock},
	{"undo", GROUP_ACT, " revert back oops ", "", N_("undo your own last change"),
	 N_("It prints what it is going to do, and asks. It is refused if somebody else has changed an entry since."),
	 undo_items, "slash64 undo", NULL, command_undo},
	{"allow", GROUP_ACT, " permit whitelist allowlist accept ", "[PREFIX...]",
	 N_("allow prefixes, which are never blocked, or list them"), NULL, allow_items,
	 "slash64 allow 2001:db8:f00d::/48 --reason 'our monitoring'", NULL, command_allow},
	{"unallow", GROUP_ACT, " disallow ", "PREFIX...", N_("undo allow"), NULL, unallow_items,
	 "slash64 unallow 2001:db8:f00d::/48", NULL, command_unallow},

	{"import", GROUP_LISTS, " load ", "FILE|-", N_("block the prefixes of a file"), NULL,
	 import_items, "slash64 import dropv6.json --origin spamhaus --replace",
	 N_("also if nothing could be taken, or the maps had no room for all entries"),
	 command_import},
	{"export", GROUP_LISTS, " backup save dump ", "",
	 N_("back up all blocks, throttles, allowed prefixes and interfaces"),
	 N_("slash64 restore reads it."), export_items, "slash64 export --output slash64.backup",
	 NULL, command_export},
	{"restore", GROUP_LISTS, "", "FILE",
	 N_("restore a backup of export: blocks, allowed prefixes and interfaces"),
	 N_("It prints what it is going to do, and asks. It ends no block."), restore_items,
	 "slash64 restore slash64.backup --dry-run", NULL, command_restore},

	{"init", GROUP_SET_UP, " setup install configure wizard start ", "",
	 N_("write a first configuration, from what this router knows and you answer"),
	 N_("It finds the interfaces of the default routes, networks behind this router, peers and gateways, and where people are logged in from, and needs no slash64d. Every interface is in monitor mode: packets are counted, and pass."),
	 init_items,
	 "slash64 init\n"
	 "slash64 init --yes --interface wan0 --output -",
	 NULL, command_init},
	{"attach", GROUP_SET_UP, " enable up ", "IFACE", N_("attach to an interface at run time"),
	 NULL, attach_items, "slash64 attach wan0 --filter monitor", NULL, command_attach},
	{"detach", GROUP_SET_UP, " disable down ", "IFACE", N_("detach from an interface"), NULL,
	 detach_items, "slash64 detach wan0", NULL, command_detach},
	{"reload", GROUP_SET_UP, " refresh restart ", "", N_("reload the configuration"),
	 N_("With --for, the previous one returns unless 'slash64 confirm' is run in time."),
	 reload_items, "slash64 reload --for 5m", NULL, command_reload},
	{"confirm", GROUP_SET_UP, " commit keep yes ", "",
	 N_("keep the configuration loaded by 'reload --for'"), NULL, NULL, "slash64 confirm", NULL,
	 command_confirm},
	{"policy", GROUP_SET_UP, " config ", "show | check FILE | diff FILE | suggest",
	 N_("print the policy in force, check that of a file, or suggest limits"), NULL,
	 policy_items, "slash64 policy diff new.yaml", NULL, command_policy},
	{"diff", GROUP_SET_UP, " compare changes ", "[FILE]",
	 N_("everything that a reload of a configuration would change"),
	 N_("The exit status is 2 on failure."), diff_items, "slash64 diff new.yaml",
	 N_("only if there is a difference"), command_diff},
	{"upgrade-check", GROUP_SET_UP, " upgrade update ", "",
	 N_("what a start of this version of slash64d would do with maps and programs"), NULL,
	 upgrade_items, "slash64 upgrade-check", NULL, command_upgrade},

	{"doctor", GROUP_ALONE, " check diagnose preflight test support ", "[IFACE]",
	 N_("whether this machine and its interfaces will do, and what to mend"),
	 N_("It changes nothing, and needs neither slash64d nor root; it says what it could not see without. The exit status is 0 if there are only warnings."),
	 doctor_items, "slash64 doctor eth0\nslash64 doctor --support slash64-support.txt",
	 N_("also if there is a problem"), command_doctor},
	{"replay", GROUP_ALONE, " pcap simulate test ", "FILE",
	 N_("the verdicts on the packets of a capture"), NULL, replay_items,
	 "slash64 replay yesterday.pcap --config new.yaml", NULL, command_replay},
	{"say", GROUP_ALONE, " spell tell ", "PREFIX",
	 N_("spell a prefix for dictation over the telephone"), NULL, say_items,
	 "slash64 say 2001:db8:bad:1::/64", NULL, command_say},
	{"hear", GROUP_ALONE, " listen ", "TEXT", N_("check a dictated prefix, and print it"), NULL,
	 hear_items, "slash64 hear '2001 0db8 0bad 0001 / 64 U1'",
	 N_("also if the check fails; the likely prefixes are suggested"), command_hear},
	{"help", GROUP_ALONE, " man usage ", "[COMMAND]", N_("explain a command and its options"),
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
