// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "captures_internal.h"
#include "daemon/api/http/reply.h"
#include "daemon/daemon.h"

#define RINGS_AT_ONCE 128

/* --- as JSON --- */

/* Those that the reader knows of, also one that has gone and whose slot nobody has yet. */
static json_t *interfaces_to_json(const struct capture_session *session, bool counts)
{
	json_t *array = json_array();

	for (uint32_t slot = 0; slot < session->daemon->maps.meta->iface_slots; slot++) {
		struct capture_counts count;
		json_t *object;

		if (!*session->name[slot])
			continue;
		object = json_pack("{s:i, s:o}", "slot", (int)slot, "interface",
				   text_to_json(session->name[slot]));
		count = capture_counts(&session->capture, slot);
		count.matched += session->earlier[slot].matched;
		count.lost += session->earlier[slot].lost;
		if (counts && object)
			json_object_update_new(object, json_pack("{s:I, s:I}", "matched",
								 (json_int_t)count.matched, "lost",
								 (json_int_t)count.lost));
		json_array_append_new(array, object);
	}
	return array;
}

json_t *capture_counts_to_json(const struct capture_session *session)
{
	struct capture_counts all = capture_counts(&session->capture, CAPTURE_ALL);

	return json_pack("{s:I, s:I, s:I, s:I, s:o}", "capture", (json_int_t)session->number,
			 "matched", (json_int_t)all.matched, "lost", (json_int_t)all.lost,
			 "paused_ms", (json_int_t)session->paused_ms, "interfaces",
			 interfaces_to_json(session, true));
}

static const char *kind_word(enum s64_source_kind kind)
{
	switch (kind) {
	case S64_SOURCE_KIND_NAT64:
		return "nat64";
	case S64_SOURCE_KIND_ISATAP:
		return "isatap";
	case S64_SOURCE_KIND_LENGTH:
		return "length";
	default:
		return NULL;
	}
}

json_t *capture_rules_to_json(const struct source_rules *rules)
{
	json_t *array = json_array();
	struct source_rules general;
	char text[PREFIX_TEXT_MAX];

	source_rules_init(&general);
	for (unsigned int i = 0; i < rules->count; i++) {
		const struct s64_source_rule *rule = &rules->rule[i];
		struct prefix prefix = source_rule_prefix(rule);
		bool is_general = false;

		for (unsigned int j = 0; j < general.count; j++)
			is_general |= !memcmp(&general.rule[j], rule, sizeof(*rule));
		if (!is_general && kind_word(rule->kind))
			json_array_append_new(array, json_pack("{s:s, s:s, s:i}", "prefix",
							       prefix_format(&prefix, text), "kind",
							       kind_word(rule->kind), "length",
							       (int)rule->length));
	}
	return array;
}

/* --- on its way --- */

static int send_text(int fd, const char *text, const int *fds, size_t count)
{
	union {
		char bytes[CMSG_SPACE(RINGS_AT_ONCE * sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct iovec part = {(void *)text, strlen(text)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *rights;
	ssize_t sent;

	if (count) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		rights = CMSG_FIRSTHDR(&message);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
	}
	sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0)
		return -errno;
	return sent == (ssize_t)part.iov_len ? 0 : -EPIPE;
}

static int send_line(int fd, json_t *object, const int *fds, size_t count)
{
	char *text = object ? json_dumps(object, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	size_t bytes = text ? strlen(text) : 0;
	char *line = text ? realloc(text, bytes + 2) : NULL;
	int err = -ENOMEM;

	json_decref(object);
	if (line) {
		memcpy(line + bytes, "\n", 2);
		err = send_text(fd, line, fds, count);
	}
	free(line ? line : text);
	return err;
}

int capture_send_line(int fd, json_t *object)
{
	return send_line(fd, object, NULL, 0);
}

int capture_send_answer(const struct capture_session *session)
{
	uint32_t cpus = session->daemon->maps.meta->cpus;
	int err = send_text(session->fd,
			    "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
			    "Connection: close\r\n\r\n",
			    NULL, 0);

	if (!err)
		err = send_line(session->fd,
				json_pack("{s:I, s:i, s:o, s:o}", "capture",
					  (json_int_t)session->number, "rings", (int)cpus,
					  "interfaces", interfaces_to_json(session, false), "rules",
					  capture_rules_to_json(&session->daemon->blocks.rules)),
				NULL, 0);
	for (uint32_t done = 0; done < cpus && !err; done += RINGS_AT_ONCE) {
		uint32_t count = cpus - done < RINGS_AT_ONCE ? cpus - done : RINGS_AT_ONCE;

		err = send_line(session->fd, json_pack("{s:i}", "descriptors", (int)count),
				session->capture.ring + done, count);
	}
	return err;
}
