// SPDX-License-Identifier: GPL-2.0-only
#include "settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text/near.h"

/* Of the log of slash64d (docs/api.md). */
static const char *const actions[] = {
	"block",    "throttle", "edit",	   "undo",    "confirm", "unblock", "end",    "allow",
	"disallow", "import",	"restore", "attach",  "replace", "detach",  "repair", "recover",
	"capture",  "propose",	"apply",   "dismiss", "over",	 "fuse",    "reload",
};

#define ACTION_COUNT (sizeof(actions) / sizeof(actions[0]))

struct checking {
	settings_warn_t warn;
	void *data;
	const struct receiver *receiver;
	unsigned int count;
};

static void __attribute__((format(printf, 2, 3)))
tell(struct checking *checking, const char *format, ...)
{
	char text[RECEIVER_PATH_MAX + 256];
	va_list values;
	int n = snprintf(text, sizeof(text), "receiver '%s': ", checking->receiver->name);

	va_start(values, format);
	vsnprintf(text + n, sizeof(text) - n, format, values);
	va_end(values);
	checking->warn(checking->receiver->line, text, checking->data);
	checking->count++;
}

static bool is_action(const char *word)
{
	size_t n = strlen(word);
	bool is_beginning = n && word[n - 1] == '*';

	for (size_t i = 0; i < ACTION_COUNT; i++)
		if (is_beginning ? !strncmp(actions[i], word, n - 1) : !strcmp(actions[i], word))
			return true;
	return false;
}

/* A later slash64d may have more of them. */
static void check_actions(struct checking *checking)
{
	const struct words *words = &checking->receiver->only.actions;
	char meant[NEAR_TEXT_MAX];

	for (size_t i = 0; i < words->count; i++) {
		struct near near = {.typed = words->word[i]};

		if (is_action(words->word[i]))
			continue;
		for (size_t k = 0; k < ACTION_COUNT; k++)
			near_try(&near, actions[k]);
		tell(checking, "the log has no action '%s'%s", words->word[i],
		     near_text(&near, "", meant));
	}
}

/* Only whether it exists: whoever checks may have other rights than the service. */
static void check_file(struct checking *checking, const char *key, const char *path)
{
	struct stat status;

	if (path[0] && stat(path, &status) && (errno == ENOENT || errno == ENOTDIR))
		tell(checking, "%s: %s does not exist; nothing can be told without it", key, path);
}

static void check_secrets(struct checking *checking)
{
	const struct receiver *receiver = checking->receiver;

	check_file(checking, "ca", receiver->ca);
	switch (receiver->kind) {
	case RECEIVER_WEBHOOK:
		check_file(checking, "token_file", receiver->webhook.token_file);
		if (receiver->webhook.token_file[0] &&
		    !strncmp(receiver->webhook.url, "http://", strlen("http://")))
			tell(checking, "its token is sent unencrypted, as the url is http://");
		break;
	case RECEIVER_SYSLOG:
		if (receiver->ca[0] && receiver->syslog.transport != SYSLOG_TLS)
			tell(checking, "ca has no effect without transport: tls");
		break;
	default:
		check_file(checking, "password_file", receiver->mail.password_file);
	}
}

unsigned int settings_check(const struct settings *settings, settings_warn_t warn, void *data)
{
	struct checking checking = {.warn = warn, .data = data};

	for (size_t i = 0; i < settings->receiver_count; i++) {
		checking.receiver = &settings->receiver[i];
		check_actions(&checking);
		check_secrets(&checking);
	}
	return checking.count;
}
