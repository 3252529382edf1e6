/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines with fields in the systemd journal, in its native protocol. sd_journal_send() would wait
 * for journald where that is behind; this never waits.
 */
#ifndef SLASH64_BASE_JOURNAL_H
#define SLASH64_BASE_JOURNAL_H

#include <stddef.h>

#define JOURNAL_SOCKET	   "/run/systemd/journal/socket"
#define JOURNAL_ENTRY_MAX  4096
#define JOURNAL_FIELDS_MAX 24

struct journal_field {
	const char *name;
	const char *value; /* NULL: the field is left out */
};

/* An entry as journald takes it. */
struct journal_entry {
	size_t bytes;
	char data[JOURNAL_ENTRY_MAX];
};

/* Up to a field without a name. Fields that do not fit are cut. The first is MESSAGE. */
void journal_write(struct journal_entry *entry, const struct journal_field *fields);

/* 0; -EAGAIN if journald is behind: try again later; another -errno if there is no journald. */
int journal_send(const struct journal_entry *entry);

/* The same, and where there is no journald the message goes to standard error (log.h): -EAGAIN, or
 * 0.
 */
int journal_say(const struct journal_entry *entry);
/* For an entry that nobody keeps: to standard error also where journald is behind. */
void journal_say_once(const struct journal_entry *entry);

#endif
