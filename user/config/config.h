/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration file (docs/man/slash64.yaml.5.scd). Read whole and checked before any of it is used. */
#ifndef SLASH64_USER_CONFIG_H
#define SLASH64_USER_CONFIG_H

#include <net/if.h>

#include "policy/policy.h"
#include "net/prefix.h"
#include "net/source_rules.h"

struct tables_size;

#define CONFIG_FILE_DEFAULT	   "/etc/slash64/slash64.yaml"
#define CONFIG_SOCKET_DEFAULT	   "/run/slash64/control.sock"
#define CONFIG_READ_SOCKET_NAME	   "read.sock" /* beside the other */
#define CONFIG_STATE_DEFAULT	   "/var/lib/slash64"
#define CONFIG_PINS_DEFAULT	   "/sys/fs/bpf/slash64"
#define CONFIG_METRICS_DEFAULT	   "[::1]:9664"
#define CONFIG_BLOCKS_DEFAULT	   1048576
#define CONFIG_LIMITER_DEFAULT	   1048576
#define CONFIG_PREFIXES_DEFAULT	   131072
#define CONFIG_FEEDS_MAX	   64
#define CONFIG_BLOCKS_MIN	   1024
#define CONFIG_BLOCKS_MAX	   67108864
#define CONFIG_IFACES_DEFAULT	   16
#define CONFIG_IFACES_MAX	   256
#define CONFIG_PATH_MAX		   108 /* what a Unix socket's address takes */
#define CONFIG_REASON_MAX	   256
#define CONFIG_LOG_KEEP_DEFAULT_MS (90LL * 86400 * 1000)
#define CONFIG_LOG_CHANGES_DEFAULT 1000000
#define CONFIG_LOG_CHANGES_MIN	   1000

enum config_mode {
	MODE_AUTO, /* native, and generic where the driver has none */
	MODE_NATIVE,
	MODE_GENERIC,
};

extern const char *const config_mode_names[];

struct config_iface {
	char name[S64_IFACE_NAME_MAX]; /* its own, or another that it goes by */
	enum config_mode mode;
	bool filter_given;
	enum policy_filter filter;
	bool ipv4_enforce;     /* blocks count for native IPv4 too */
	struct policy *policy; /* an override; NULL: the policy of all */
	unsigned int line;
};

/* An entry of `allow` or `block`. */
struct config_prefix {
	struct prefix prefix;
	enum prefix_note note;
	bool force; /* whatever the guard rails say */
	char reason[CONFIG_REASON_MAX];
	unsigned int line;
};

/* A file of blocks that is watched. */
struct config_feed {
	char file[4096];
	char origin[64];
	char format[16];
	char reason[CONFIG_REASON_MAX];
	int64_t for_ms;	   /* 0: for as long as the file has them */
	int64_t settle_ms; /* how long a file that is written in place has to be still */
	/* what leaves less than this share of what there was is not believed; 0: all is */
	double shrink;
	unsigned int line;
};

struct config_prefixes {
	struct config_prefix *entry;
	size_t count;
};

struct config {
	char file[4096];
	char *text; /* of the file, as it was read; never NULL */
	size_t text_bytes;
	struct config_iface *iface;
	size_t iface_count;
	char socket[CONFIG_PATH_MAX];
	char socket_group[64];
	char read_socket[CONFIG_PATH_MAX]; /* for those who only look, or "off" */
	char read_group[64];
	char metrics[128]; /* ADDRESS:PORT, or "off" */
	char state[CONFIG_PATH_MAX];
	char pins[CONFIG_PATH_MAX];
	uint32_t blocks;   /* capacity */
	uint32_t prefixes; /* capacity: blocks of other lengths, and allowed ones */
	uint32_t limiter;  /* slots */
	uint32_t iface_slots;
	bool detach_on_exit;
	int64_t log_keep_ms;  /* how long a change stays in the log */
	uint32_t log_changes; /* and how many of them at most */
	/* how long what a person blocks lasts, where they do not say it; 0: without end */
	int64_t block_for_ms;
	bool block_needs_reason, block_needs_ticket; /* of what a person blocks */
	struct policy policy;
	struct config_prefixes allow, block;
	struct config_prefixes peers; /* addresses: never blocked by accident */
	struct config_prefixes own;   /* networks behind this router: likewise */
	struct config_prefixes sites; /* prefixes of `sites` but translators', for the check */
	struct config_feed *feed;
	size_t feed_count;
	struct site_rules rules;
};

/* The defaults, with no interface. */
void config_init(struct config *config);
void config_free(struct config *config);

/* *config is initialised by it, and to be freed where it returns 0. */
int config_load(struct config *config, const char *path, struct error *error);
int config_load_text(struct config *config, const char *name, const char *text, size_t bytes,
		     struct error *error);

/* The name of a set of blocks: letters, digits, and "-", "_", "." within. */
bool config_origin_is_valid(const char *origin);

/* The size of the maps that it asks for (maps/maps.h). */
struct tables_size config_tables_size(const struct config *config);

/* The policy in force on an interface: its own, or that of all, with its filter. */
void config_iface_policy(const struct config *config, const struct config_iface *iface,
			 struct policy *policy);

#endif
