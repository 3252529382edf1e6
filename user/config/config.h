/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration file (docs/man/slash64.yaml.5.scd). All of it is read and checked before any of
 * it is used.
 */
#ifndef SLASH64_CONFIG_CONFIG_H
#define SLASH64_CONFIG_CONFIG_H

#include <net/if.h>

#include "detect/rules.h"
#include "base/pace.h"
#include "policy/policy.h"
#include "net/limits.h"
#include "net/prefix.h"
#include "net/source_rules.h"

struct maps_size;

#define CONFIG_FILE_DEFAULT	   "/etc/slash64/slash64.yaml"
#define CONFIG_SOCKET_DEFAULT	   "/run/slash64/control.sock"
#define CONFIG_READ_SOCKET_NAME	   "read.sock" /* next to the other socket */
#define CONFIG_STATE_DEFAULT	   "/var/lib/slash64"
#define CONFIG_PINS_DEFAULT	   "/sys/fs/bpf/slash64"
#define CONFIG_METRICS_DEFAULT	   "[::1]:9664"
#define CONFIG_PAGE_DEFAULT	   "[::1]:9665"
#define CONFIG_BLOCKS_DEFAULT	   1048576
#define CONFIG_LIMITER_DEFAULT	   1048576
#define CONFIG_PREFIXES_DEFAULT	   131072
#define CONFIG_FEEDS_MAX	   64
#define CONFIG_BLOCKS_MIN	   1024
#define CONFIG_BLOCKS_MAX	   67108864
#define CONFIG_IFACES_DEFAULT	   16
#define CONFIG_IFACES_MAX	   256
#define CONFIG_PATH_MAX		   108 /* the longest path of a Unix socket */
#define CONFIG_REGISTRIES_MAX	   16
#define CONFIG_LOG_KEEP_DEFAULT_MS (90LL * 86400 * 1000)
#define CONFIG_LOG_CHANGES_DEFAULT 1000000
#define CONFIG_LOG_CHANGES_MIN	   1000

enum config_mode {
	MODE_AUTO, /* native, or generic if the driver has no native support */
	MODE_NATIVE,
	MODE_GENERIC,
};

extern const char *const config_mode_names[];

/* The mode of a program on an interface. */
static inline const char *config_mode_name(bool generic)
{
	return config_mode_names[generic ? MODE_GENERIC : MODE_NATIVE];
}

struct config_iface {
	char name[S64_IFACE_NAME_MAX]; /* its name, or an alternative name */
	enum config_mode mode;
	bool filter_given;
	enum policy_filter filter;
	bool ipv4_enforce;     /* blocks apply to native IPv4 too */
	struct policy *policy; /* its own policy; NULL: the policy of all interfaces */
	unsigned int line;
};

/* An entry of `allow` or `block`. */
struct config_prefix {
	struct prefix prefix;
	enum prefix_note note;
	bool force; /* ignores the guard rails */
	char reason[REASON_TEXT_MAX];
	unsigned int line;
};

/* A file of blocks that is watched. */
struct config_feed {
	char file[4096];
	char origin[64];
	char format[16];
	char reason[REASON_TEXT_MAX];
	int64_t for_ms;	     /* 0: while the file contains them */
	int64_t debounce_ms; /* a file written in place is read after this time without changes */
	/* a file that leaves less than this share of the entries is refused; 0: never refused */
	double shrink;
	unsigned int line;
};

/* Who sends reports of abuse; empty texts: not given. slash64 uses it, slash64d does not. */
struct config_report {
	char organization[200], contact[254], domain[254]; /* no longer in XARF */
	char templates[4096];				   /* a directory */
};

#define ANNOUNCE_ORIGINS_MAX	   16
#define ANNOUNCE_ORIGIN_DETECT	   "detect" /* the origins of all rules */
#define ANNOUNCE_MAX_DEFAULT	   10000
#define ANNOUNCE_MAX_MAX	   1000000
#define ANNOUNCE_DAMPEN_DEFAULT_MS (60 * 1000)
#define ANNOUNCE_NO_LENGTH	   UINT8_MAX

/* Which blocks become routes, for a routing daemon to announce. */
struct config_announce {
	bool is_on, dry_run;
	uint32_t table, max;
	char origin[ANNOUNCE_ORIGINS_MAX][ORIGIN_TEXT_MAX];
	size_t origin_count;
	uint8_t ipv6_min, ipv6_max, ipv4_min, ipv4_max; /* lengths; min above max: none */
	int64_t dampen_ms;
};

void config_announce_init(struct config_announce *announce);

struct config_prefixes {
	struct config_prefix *entry;
	size_t count;
};

struct config {
	char file[4096];
	char *text; /* the text of the file; never NULL */
	size_t text_bytes;
	struct config_iface *iface;
	size_t iface_count;
	char socket[CONFIG_PATH_MAX];
	char socket_group[64];
	char read_socket[CONFIG_PATH_MAX]; /* the socket for readers, or "off" */
	char read_group[64];
	char metrics[128]; /* ADDRESS:PORT, or "off" */
	char page[128];	   /* the same */
	char state[CONFIG_PATH_MAX];
	char pins[CONFIG_PATH_MAX];
	uint32_t blocks;   /* capacity */
	uint32_t prefixes; /* capacity: blocks of other lengths, and allowed prefixes */
	uint32_t limiter;  /* sources that are limited at the same time */
	uint32_t iface_slots;
	bool detach_on_exit;
	int64_t log_keep_ms;  /* how long a change stays in the log */
	uint32_t log_changes; /* and the maximum number of changes */
	/* default duration of a block by hand; 0: without end */
	int64_t block_for_ms;
	bool block_needs_reason, block_needs_ticket; /* required for a block by hand */
	struct policy policy;
	struct config_prefixes allow, block;
	struct config_prefixes peers; /* addresses protected by the guard rails */
	struct config_prefixes own;   /* networks behind this router, also protected */
	/* prefixes of `sources` except for translators, for the check */
	struct config_prefixes sources;
	struct config_feed *feed;
	size_t feed_count;
	struct config_report report;
	char (*registry)[4096]; /* files of the registries, which say who holds a prefix */
	size_t registry_count;
	struct source_rules rules;
	struct detect_rules detect;
	struct config_announce announce;
};

/* Initialises the defaults, without interfaces. */
void config_init(struct config *config);
void config_free(struct config *config);

/* Initialises *config, which must be freed if it returns 0. */
int config_load(struct config *config, const char *path, struct error *error);
int config_load_text(struct config *config, const char *name, const char *text, size_t bytes,
		     struct error *error);
/* The same in pieces, as it may have very many entries: whoever has others to serve does it between
 * them. The file is read at once.
 */
int config_load_paced(struct config *config, const char *path, const struct pace *pace,
		      struct error *error);
int config_load_text_paced(struct config *config, const char *name, const char *text, size_t bytes,
			   const struct pace *pace, struct error *error);

/* The map sizes that it asks for (maps/maps.h). */
struct maps_size config_tables_size(const struct config *config);

/* The policy in force on an interface: its own, or that of all interfaces, with its filter. */
void config_iface_policy(const struct config *config, const struct config_iface *iface,
			 struct policy *policy);

#endif
