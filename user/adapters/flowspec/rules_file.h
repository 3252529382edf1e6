/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules and what became of each, as a file that 'slash64 flowspec' prints: a line of JSON each. It
 * is replaced when something has changed, and touched every RULES_FILE_TOUCH_MS, so that its age
 * tells whether somebody still writes it.
 */
#ifndef SLASH64_ADAPTERS_FLOWSPEC_RULES_FILE_H
#define SLASH64_ADAPTERS_FLOWSPEC_RULES_FILE_H

#include "adapters/set/set.h"
#include "rules.h"
#include "service/told.h"

#define RULES_FILE_TOUCH_MS 5000

struct rules_file {
	const char *path; /* "": none is written */
	bool is_changed;  /* to be set by whoever changes something */
	int64_t write_ms; /* not before that */
	int64_t touch_ms;
	struct told told;
};

void rules_file_init(struct rules_file *file, const char *path);
/* To be called once per second and more. */
void rules_file_tick(struct rules_file *file, const struct rules *rules, const struct set *set,
		     int64_t now_ms);

#endif
