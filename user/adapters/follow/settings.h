/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration of slash64-follow (docs/man/slash64-follow.8.scd). */
#ifndef SLASH64_ADAPTERS_FOLLOW_SETTINGS_H
#define SLASH64_ADAPTERS_FOLLOW_SETTINGS_H

#include "event.h"
#include "service/fields.h"

#define FOLLOW_FILE_DEFAULT  "/etc/slash64/follow.yaml"
#define FOLLOW_STATE_DEFAULT "/var/lib/slash64-follow"
#define FOLLOW_RULES_MAX     256
#define FOLLOW_FOR_MS	     (60 * 60 * 1000LL)
#define FOLLOW_RATE	     60 /* per minute */

enum rule_action { RULE_BLOCK, RULE_THROTTLE, RULE_PROPOSE, RULE_IGNORE };

/* Of an event that matches all that is given; the first rule that matches counts. */
struct rule {
	char signature[EVENT_TEXT_MAX],
		category[EVENT_TEXT_MAX]; /* "": any; '*' stands for any text */
	uint32_t id, severity;		  /* 0: any; at most this number, as 1 is the highest */
	enum rule_action action;
	bool has_action;
	int64_t for_ms;
	uint32_t rate, burst; /* of RULE_THROTTLE */
};

struct follow_settings {
	char socket[FIELD_PATH_MAX], state[FIELD_PATH_MAX], metrics[FIELD_LISTEN_MAX];
	char origin[ORIGIN_TEXT_MAX]; /* "": that of the format */
	uint32_t per_minute;	      /* sources that are blocked, throttled or proposed */
	struct rule *rule;
	size_t rules;
};

int follow_settings_load(struct follow_settings *settings, const char *file, struct error *error);
void follow_settings_free(struct follow_settings *settings);

/* The rule for an event; NULL if there is none. */
const struct rule *rule_for(const struct follow_settings *settings, const struct event *event);

#endif
