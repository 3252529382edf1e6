/* SPDX-License-Identifier: GPL-2.0-only */
/* What a line of a log tells: an alert of Suricata (eve.json), or a notice of Zeek (notice.log, as JSON or
 * as columns).
 */
#ifndef SLASH64_ADAPTERS_FOLLOW_EVENT_H
#define SLASH64_ADAPTERS_FOLLOW_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/set/key.h"

#define EVENT_TEXT_MAX	  256
#define EVENT_COLUMNS_MAX 128

enum event_format { EVENT_EVE, EVENT_ZEEK_NOTICE };
extern const char *const event_format_names[]; /* ends with NULL */

struct event {
	struct set_key source;		/* the attacker */
	char signature[EVENT_TEXT_MAX]; /* of Zeek: the note, such as Scan::Port_Scan */
	char category[EVENT_TEXT_MAX];	/* of Suricata */
	int64_t id;			/* of Suricata's signature; 0: none */
	int64_t severity;		/* of Suricata, 1 is the highest; 0: none */
	int64_t time_ms;		/* since 1970; 0: not given */
};

/* Keeps what the header of a file with columns says. All zero at the start of a file. */
struct event_reader {
	enum event_format format;
	bool has_columns;
	char separator;
	int note, src, ts; /* columns; -1: there is none */
};

void event_reader_begin(struct event_reader *reader, enum event_format format);

/* A line without its end, of any bytes. 1: an event; 0: nothing of interest; -EBADMSG: it is no line of
 * such a log.
 */
int event_read(struct event_reader *reader, const char *line, size_t bytes, struct event *event);

#endif
