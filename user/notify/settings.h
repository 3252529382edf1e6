/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration of slash64-notify (docs/man/slash64-notify.8.scd): who is told what, and how. */
#ifndef SLASH64_NOTIFY_SETTINGS_H
#define SLASH64_NOTIFY_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "net/prefix.h"

#define SETTINGS_FILE_DEFAULT	"/etc/slash64/notify.yaml"
#define SETTINGS_SOCKET_DEFAULT "/run/slash64/read.sock"
#define SETTINGS_STATE_DEFAULT	"/var/lib/slash64-notify"
#define SETTINGS_QUEUE_DEFAULT	100000
#define SETTINGS_QUEUE_MIN	100
#define SETTINGS_QUEUE_MAX	10000000
#define SETTINGS_INCIDENT_MS	(60 * 60 * 1000LL)
#define RECEIVERS_MAX		16
#define RECEIVER_NAME_MAX	64
#define RECEIVER_WORD_MAX	80 /* an action, an origin or a rule */
#define RECEIVER_WORDS_MAX	32 /* of one kind */
#define RECEIVER_PREFIXES_MAX	64
#define RECEIVER_ADDRESSES_MAX	16  /* of mail */
#define RECEIVER_TEXT_MAX	512 /* a URL, a server, a mail address */
#define RECEIVER_PATH_MAX	4096

enum receiver_kind {
	RECEIVER_NONE,
	RECEIVER_WEBHOOK,
	RECEIVER_SYSLOG,
	RECEIVER_MAIL,
};

enum webhook_format {
	WEBHOOK_JSON, /* the change as slash64d tells it */
	WEBHOOK_ECS,  /* Elastic Common Schema */
};

enum syslog_format {
	SYSLOG_RFC5424,
	SYSLOG_CEF,
};

enum syslog_transport {
	SYSLOG_UDP, /* RFC 5426 */
	SYSLOG_TCP, /* RFC 6587, octet counting */
	SYSLOG_TLS, /* RFC 5425 */
};

struct words {
	char word[RECEIVER_WORDS_MAX][RECEIVER_WORD_MAX];
	size_t count;
};

/* What goes to a receiver: an empty list lets everything through. */
struct receiver_filter {
	struct words actions, origins, rules; /* a final '*' stands for any end */
	struct prefix within[RECEIVER_PREFIXES_MAX];
	size_t within_count;
};

struct receiver {
	char name[RECEIVER_NAME_MAX];
	enum receiver_kind kind;
	struct receiver_filter only;
	unsigned int line;
	char ca[RECEIVER_PATH_MAX]; /* certificates to trust; empty: those of the system */
	union {
		struct {
			char url[RECEIVER_TEXT_MAX];
			enum webhook_format format;
			char token_file[RECEIVER_PATH_MAX]; /* for "Authorization: Bearer" */
		} webhook;
		struct {
			char host[RECEIVER_TEXT_MAX];
			uint16_t port;
			enum syslog_transport transport;
			enum syslog_format format;
			int facility;
		} syslog;
		struct {
			char server[RECEIVER_TEXT_MAX]; /* smtp:// or smtps:// */
			char from[RECEIVER_TEXT_MAX];
			char to[RECEIVER_ADDRESSES_MAX][RECEIVER_TEXT_MAX];
			size_t to_count;
			char user[RECEIVER_TEXT_MAX], password_file[RECEIVER_PATH_MAX];
			int64_t incident_ms;
		} mail;
	};
};

struct settings {
	char socket[RECEIVER_PATH_MAX], state[RECEIVER_PATH_MAX];
	char metrics[RECEIVER_TEXT_MAX]; /* ADDRESS:PORT; empty: none */
	uint32_t queue;			 /* changes that wait, at most */
	struct receiver *receiver;
	size_t receiver_count;
};

/* What is valid, and yet can hardly be meant. Returns the number of warnings. */
typedef void (*settings_warn_t)(unsigned int line, const char *text, void *data);
unsigned int settings_check(const struct settings *settings, settings_warn_t warn, void *data);

int settings_load(struct settings *settings, const char *file, struct error *error);
void settings_free(struct settings *settings);

#endif
