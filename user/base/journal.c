// SPDX-License-Identifier: GPL-2.0-only
#include "journal.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

#define MESSAGE "MESSAGE="

static bool has_room(const struct journal_entry *entry, size_t bytes)
{
	return bytes <= sizeof(entry->data) - entry->bytes;
}

static void append(struct journal_entry *entry, const void *data, size_t bytes)
{
	memcpy(entry->data + entry->bytes, data, bytes);
	entry->bytes += bytes;
}

/* "NAME=value", or, for a value with line ends, its name, a line end, its length in 64 bits, and
 * the value.
 */
static void append_field(struct journal_entry *entry, const char *name, const char *value)
{
	size_t bytes = strlen(value), overhead = strlen(name) + 1 + sizeof(uint64_t) + 1;
	bool is_binary = strchr(value, '\n');
	uint64_t length;

	if (!has_room(entry, overhead))
		return;
	if (!has_room(entry, overhead + bytes))
		bytes = sizeof(entry->data) - entry->bytes - overhead;
	append(entry, name, strlen(name));
	append(entry, is_binary ? "\n" : "=", 1);
	length = htole64(bytes);
	if (is_binary)
		append(entry, &length, sizeof(length));
	append(entry, value, bytes);
	append(entry, "\n", 1);
}

void journal_write(struct journal_entry *entry, const struct journal_field *fields)
{
	entry->bytes = 0;
	for (; fields->name; fields++)
		if (fields->value)
			append_field(entry, fields->name, fields->value);
}

/* A socket for each entry: journald may come and go, and there are few entries. */
int journal_send(const struct journal_entry *entry)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = JOURNAL_SOCKET};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err = fd < 0 ? -errno : 0;

	if (!err && sendto(fd, entry->data, entry->bytes, MSG_NOSIGNAL,
			   (const struct sockaddr *)&address, sizeof(address)) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err == -ENOBUFS ? -EAGAIN : err;
}

static void say_message(const struct journal_entry *entry)
{
	const char *message = entry->data + strlen(MESSAGE);
	const char *end = memchr(entry->data, '\n', entry->bytes);

	if (end && end > message && !memcmp(entry->data, MESSAGE, strlen(MESSAGE)))
		log_info("%.*s", (int)(end - message), message);
}

int journal_say(const struct journal_entry *entry)
{
	int err = journal_send(entry);

	if (err == -EAGAIN)
		return err;
	if (err)
		say_message(entry);
	return 0;
}

void journal_say_once(const struct journal_entry *entry)
{
	if (journal_send(entry))
		say_message(entry);
}
