/* SPDX-License-Identifier: GPL-2.0-only */
/* A change of the log, in the form in which a receiver wants it. A change is an object of GET
 * /v1/log, or {"lost": N}: changes that were removed from the log before anybody could be told.
 */
#ifndef SLASH64_NOTIFY_MESSAGES_H
#define SLASH64_NOTIFY_MESSAGES_H

#include <jansson.h>
#include <stddef.h>

#include "settings.h"

/* Does the filter let it through? Lost changes always go through. */
bool message_matches(const struct receiver_filter *only, const json_t *change);

/* "block", "end"; "lost". */
const char *message_action(const json_t *change);
/* A text of a change, or NULL. */
const char *message_text(const json_t *change, const char *key);

/* --- bodies: to be freed; NULL if out of memory --- */

/* The change itself, in one line of JSON. */
char *message_json(const json_t *change);
/* The same as a document of the Elastic Common Schema. */
char *message_ecs(const json_t *change, const char *host);
/* A line of CEF, without its end. */
char *message_cef(const json_t *change);
/* One sentence for a person, in UTC. */
char *message_sentence(const json_t *change);
/* A message of RFC 5424, with a sentence or with CEF. */
char *message_syslog(const json_t *change, int facility, enum syslog_format format,
		     const char *host);

struct mail_message {
	const char *from, *host;
	const struct receiver *receiver;
	const char *id;	    /* Message-ID, without its brackets */
	const char *thread; /* that of the first mail of the incident, or empty */
};
/* Headers and text, lines with CR and LF. */
char *message_mail(const json_t *change, const struct mail_message *mail);

#endif
