/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration of slash64-crowdsec (docs/man/slash64-crowdsec.8.scd). */
#ifndef SLASH64_ADAPTERS_CROWDSEC_SETTINGS_H
#define SLASH64_ADAPTERS_CROWDSEC_SETTINGS_H

#include <stdbool.h>

#include "service/fields.h"

#define CROWDSEC_FILE_DEFAULT	"/etc/slash64/crowdsec.yaml"
#define CROWDSEC_ORIGIN_DEFAULT "crowdsec"
#define CROWDSEC_INTERVAL_MS	(10 * 1000LL)
#define CROWDSEC_TIMEOUT_MS	(60 * 1000LL)
#define CROWDSEC_LEASE_MS	(24 * 3600 * 1000LL)
#define CROWDSEC_KEY_MAX	512
#define CROWDSEC_WORDS_MAX	2048 /* of a filter, with commas */

struct crowdsec_settings {
	char url[FIELD_URL_MAX];    /* without a final '/' */
	char key[CROWDSEC_KEY_MAX]; /* "": the one of key_file, or a certificate */
	char key_file[FIELD_PATH_MAX];
	char cert[FIELD_PATH_MAX], ca[FIELD_PATH_MAX];
	char socket[FIELD_PATH_MAX], origin[ORIGIN_TEXT_MAX];
	char metrics[FIELD_LISTEN_MAX];
	int64_t interval_ms, timeout_ms, lease_ms;
	/* as the query of the LAPI has them: separated by commas; "": all */
	char origins[CROWDSEC_WORDS_MAX], scenarios[CROWDSEC_WORDS_MAX];
	bool throttles; /* decisions of that type are taken, with: */
	uint32_t rate, burst;
};

int crowdsec_settings_load(struct crowdsec_settings *settings, const char *file,
			   struct error *error);

#endif
