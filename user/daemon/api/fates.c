// SPDX-License-Identifier: GPL-2.0-only
#include "fates.h"

#include <stdio.h>
#include <string.h>

#include "policy/names.h"

#define FATES_TOLD 3 /* the rest is in the rows */

static bool is_over_limit(int reason)
{
	return reason == S64_REASON_OVER_SOURCE_LIMIT || reason == S64_REASON_OVER_48_LIMIT ||
	       reason == S64_REASON_OVER_FALLBACK_LIMIT || reason == S64_REASON_THROTTLED;
}

static const char *limit_words(int reason)
{
	switch (reason) {
	case S64_REASON_OVER_48_LIMIT:
		return "over the limit of its /48";
	case S64_REASON_OVER_FALLBACK_LIMIT:
		return "over a limit that several sources share";
	case S64_REASON_THROTTLED:
		return "over the rate it is throttled to";
	default:
		return "over its limit";
	}
}

/* "94%"; a remainder is never shown as nothing or all. */
static const char *share_words(double share, char buf[16])
{
	if (share >= 1)
		return "all";
	snprintf(buf, 16, "%s%.0f%%",
		 share < 0.01 ? "under " :
		 share > 0.99 ? "over " :
				"",
		 share < 0.01 ? 1 :
		 share > 0.99 ? 99 :
				share * 100);
	return buf;
}

static void tell(const struct fate *fate, char *text, size_t bytes)
{
	size_t length = strlen(text);
	char share[16];

	snprintf(text + length, bytes - length, "%s%s: %s %s%s", length ? "; " : "",
		 class_info(fate->class)->name, share_words(fate->share, share),
		 fate->would		     ? "would be dropped, " :
		 is_over_limit(fate->reason) ? "" :
					       "dropped, ",
		 is_over_limit(fate->reason) ? limit_words(fate->reason) :
					       reason_name(fate->reason));
}

const char *fates_verdict(const struct fate *fates, size_t count, char *text, size_t bytes)
{
	bool limited = false, dropped = false, would = false;
	unsigned int told = 0;

	for (size_t i = 0; i < count; i++) {
		if (!reason_is_drop(fates[i].reason))
			continue;
		if (!told)
			text[0] = '\0';
		if (told++ < FATES_TOLD)
			tell(&fates[i], text, bytes);
		if (fates[i].would)
			would = true;
		else if (is_over_limit(fates[i].reason))
			limited = true;
		else
			dropped = true;
	}
	return limited ? "limited" : dropped ? "dropped" : would ? "passes" : NULL;
}

json_t *fates_to_json(const struct fate *fates, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:f}", "class",
						       class_info(fates[i].class)->name, "verdict",
						       !reason_is_drop(fates[i].reason) ? "pass" :
						       fates[i].would ? "would_drop" :
									"drop",
						       "reason", reason_name(fates[i].reason),
						       "percent_of_class", fates[i].share * 100));
	return array;
}
