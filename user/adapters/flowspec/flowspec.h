/* SPDX-License-Identifier: GPL-2.0-only */
/* slash64-flowspec: a process of ExaBGP, whose rules (RFC 8955, RFC 8956) are blocks and throttles. */
#ifndef SLASH64_ADAPTERS_FLOWSPEC_FLOWSPEC_H
#define SLASH64_ADAPTERS_FLOWSPEC_FLOWSPEC_H

#include <stdatomic.h>

#include "adapters/set/set.h"
#include "rules.h"
#include "rules_file.h"
#include "service/fields.h"
#include "service/service.h"
#include "service/told.h"

#define FLOWSPEC_FILE_DEFAULT  "/etc/slash64/flowspec.yaml"
#define FLOWSPEC_RULES_DEFAULT "/run/slash64-flowspec/rules"
#define FLOWSPEC_HOLD_MS       (10 * 60 * 1000)
#define FLOWSPEC_MAX	       10000
#define FLOWSPEC_MAX_MAX       100000
#define FLOWSPEC_ACCEPTED_MAX  64
#define FLOWSPEC_LINE_MAX      (16 << 20)

struct flowspec_settings {
	char socket[FIELD_PATH_MAX], metrics[FIELD_LISTEN_MAX];
	char origin[ORIGIN_TEXT_MAX];
	char rules[FIELD_PATH_MAX]; /* file for 'slash64 flowspec'; "": none */
	int64_t hold_ms;
	uint32_t max;
	bool is_validated, has_validation; /* RFC 8955, 6 */
	bool blocks_forms;		   /* a rule for IPv4 blocks all forms of the address */
	struct prefix neighbor[FLOWSPEC_ACCEPTED_MAX], within[FLOWSPEC_ACCEPTED_MAX];
	size_t neighbor_count, within_count; /* 0: all */
};

int flowspec_settings_load(struct flowspec_settings *settings, const char *file,
			   struct error *error);

/* What the configuration says of a rule that could be executed. */
enum flow_refusal flowspec_judge(const struct flowspec_settings *settings, const char *peer,
				 const struct flow_rule *rule);

struct flowspec {
	struct flowspec_settings settings;
	struct rules *rules;
	struct set *set;
	char *line;
	size_t bytes, room;
	bool skips; /* the rest of a line that is too long */
	bool is_changed;
	int64_t now_ms;
	struct told told_sync;
	struct rules_file file;
	_Atomic uint64_t rule_count[FLOW_REFUSALS], lines, bad_lines;
};

int flowspec_open(struct flowspec *flowspec, struct error *error);
void flowspec_close(struct flowspec *flowspec);
int flowspec_work(struct service *service, struct error *error);
void flowspec_write_metrics(struct evbuffer *out, void *data);

#endif
