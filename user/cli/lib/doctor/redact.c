// SPDX-License-Identifier: GPL-2.0-only
#include "redact.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_MAX 64
#define KEY_MAX	  16 /* bytes of an address */
#define LEFT_OUT  "(left out)"

#define ADDRESS_CHARS "0123456789abcdefABCDEF:."

/* --- names --- */

enum kind { KIND_NET, KIND_HOST, KIND_V4, KIND_MAC, KIND_COUNT };

struct name {
	enum kind kind;
	uint8_t key[KEY_MAX];
	unsigned int number, net; /* of its kind; a host: in that network */
};

struct redact {
	struct name *name;
	size_t count, room;
};

struct redact *redact_new(void)
{
	return calloc(1, sizeof(struct redact));
}

void redact_free(struct redact *redact)
{
	if (redact)
		free(redact->name);
	free(redact);
}

/* 0 if out of memory: then all such are one. */
static unsigned int number_of(struct redact *redact, enum kind kind, unsigned int net,
			      const uint8_t key[KEY_MAX])
{
	unsigned int last = 0;

	for (size_t i = 0; i < redact->count; i++) {
		const struct name *name = &redact->name[i];

		if (name->kind != kind || name->net != net)
			continue;
		if (!memcmp(name->key, key, KEY_MAX))
			return name->number;
		last = name->number;
	}
	if (redact->count == redact->room) {
		size_t room = redact->room ? redact->room * 2 : 64;
		struct name *more = realloc(redact->name, room * sizeof(*more));

		if (!more)
			return 0;
		redact->name = more;
		redact->room = room;
	}
	redact->name[redact->count] = (struct name){.kind = kind, .number = last + 1, .net = net};
	memcpy(redact->name[redact->count++].key, key, KEY_MAX);
	return last + 1;
}

/* --- addresses --- */

static bool is_everybodys(const uint8_t key[KEY_MAX])
{
	static const uint8_t zero[KEY_MAX - 1];

	return !memcmp(key, zero, sizeof(zero)) && key[KEY_MAX - 1] <= 1;
}

static void write_ipv6(struct redact *redact, const uint8_t key[KEY_MAX], const char *text,
		       FILE *out)
{
	static const uint8_t no_host[8];
	uint8_t net[KEY_MAX] = {};
	unsigned int number;

	if (is_everybodys(key)) {
		fputs(text, out);
		return;
	}
	memcpy(net, key, 8);
	number = number_of(redact, KIND_NET, 0, net);
	if (memcmp(key + 8, no_host, 8))
		fprintf(out, "<net%u.%u>", number, number_of(redact, KIND_HOST, number, key));
	else
		fprintf(out, "<net%u>", number);
}

static bool is_mac(const char *text)
{
	size_t n = strlen(text);

	if (n != 17)
		return false;
	for (size_t i = 0; i < n; i++)
		if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* False if it is no address. */
static bool write_address(struct redact *redact, const char *text, FILE *out)
{
	uint8_t key[KEY_MAX] = {};

	if (strchr(text, ':') && inet_pton(AF_INET6, text, key) == 1) {
		write_ipv6(redact, key, text, out);
	} else if (is_mac(text)) {
		for (size_t i = 0, at = 0; text[i]; i++)
			if (text[i] != ':')
				key[at++] = tolower((unsigned char)text[i]);
		fprintf(out, "<mac%u>", number_of(redact, KIND_MAC, 0, key));
	} else if (inet_pton(AF_INET, text, key) == 1) {
		if (key[0] == 127 || key[0] == 0)
			fputs(text, out);
		else
			fprintf(out, "<v4-%u>", number_of(redact, KIND_V4, 0, key));
	} else {
		return false;
	}
	return true;
}

/* The longest address at the beginning of a run of its characters: behind it may be a dot, or the
 * colon and port of an IPv4 address. Returns its length, 0 for none.
 */
static size_t take_address(struct redact *redact, const char *run, size_t n, FILE *out)
{
	char text[TOKEN_MAX];

	for (; n >= 2; n--) {
		if (n >= sizeof(text))
			continue;
		if (n > 2 && run[n - 1] == '.')
			continue;
		memcpy(text, run, n);
		text[n] = '\0';
		if (write_address(redact, text, out))
			return n;
		if (isxdigit((unsigned char)run[n - 1]) && strchr(text, '.') == NULL)
			return 0; /* shorter ones would cut it within */
	}
	return 0;
}

void redact_addresses(struct redact *redact, const char *text, FILE *out)
{
	bool in_word = false;

	while (*text) {
		size_t n = in_word ? 0 : strspn(text, ADDRESS_CHARS), taken = 0;

		/* "face.c" and "add:" are words */
		if (n && !isalnum((unsigned char)text[n]) && text[n] != '_')
			taken = take_address(redact, text, n, out);
		if (taken) {
			text += taken;
			in_word = false;
			continue;
		}
		in_word = isalnum((unsigned char)*text) || *text == '_';
		fputc(*text++, out);
	}
}

/* --- secrets --- */

/* A webhook's URL is often all that it takes to use it. */
static const char *const secret_keys[] = {
	"key",	 "password", "secret", "token",	 "passphrase",	 "user",
	"value", "contact",  "domain", "cookie", "organization", "webhook",
};

/* Is there such a key, and a colon behind it? Returns the length up to the value, or 0. */
static size_t secret_key_at(const char *text)
{
	for (size_t i = 0; i < sizeof(secret_keys) / sizeof(secret_keys[0]); i++) {
		size_t n = strlen(secret_keys[i]), quote = *text == '"' || *text == '\'';

		if (strncasecmp(text + quote, secret_keys[i], n))
			continue;
		n += 2 * quote;
		n += strspn(text + n, " \t");
		if (text[n] != ':')
			continue;
		n++;
		return n + strspn(text + n, " \t");
	}
	return 0;
}

/* Of a quoted one, up to its quote; two single ones within are one. */
static size_t quoted_length(const char *value)
{
	char quote = *value, escape = quote == '"' ? '\\' : quote;
	size_t n = 1;

	while (value[n] && (value[n] != quote || (escape == quote && value[n + 1] == quote)))
		n += value[n] == escape && value[n + 1] ? 2 : 1;
	return n + (value[n] == quote);
}

/* With all lines that are indented deeper than its key: those of a block, and of any other text. */
static size_t block_length(const char *value, size_t indent)
{
	size_t n = strcspn(value, "\n"), blank, deep;

	for (;;) {
		blank = strspn(value + n, " \t\n");
		if (!value[n + blank])
			return n;
		for (deep = 0; value[n + blank - deep - 1] != '\n';)
			deep++;
		if (deep <= indent)
			return n;
		n += blank + strcspn(value + n + blank, "\n");
	}
}

/* `in_braces`: what ends it is a comma or a brace, not the line. */
static size_t value_length(const char *value, bool in_braces, size_t indent)
{
	if (*value == '"' || *value == '\'')
		return quoted_length(value);
	return in_braces ? strcspn(value, ",}\n") : block_length(value, indent);
}

/* In a URL: "user:password@", and what is behind '?'. Returns the length that was written. */
static size_t write_url(const char *text, FILE *out)
{
	const char *end;
	size_t n, at;

	fputs("://", out);
	text += 3;
	end = memrchr(text, '@', strcspn(text, " \t\n\"'/?"));
	at = end ? end + 1 - text : 0;
	if (at)
		fputs(LEFT_OUT "@", out);
	text += at;
	n = strcspn(text, " \t\n\"'}>,");
	for (size_t i = 0; i < n; i++) {
		fputc(text[i], out);
		if (text[i] == '?') {
			fputs(LEFT_OUT, out);
			break;
		}
	}
	return 3 + at + n;
}

void redact_secrets(const char *text, FILE *out)
{
	const char *line = text; /* its beginning */
	bool begins = true;	 /* a key may, or the last word of one: "api_key" */
	int depth = 0;		 /* of braces */

	while (*text) {
		size_t n = begins ? secret_key_at(text) : 0;

		if (n) {
			size_t indent = text - line;

			fprintf(out, "%.*s%s", (int)n, text, LEFT_OUT);
			text += n;
			text += value_length(text, depth > 0, indent);
		} else if (!strncmp(text, "://", 3)) {
			text += write_url(text, out);
		} else {
			depth += (*text == '{') - (*text == '}');
			begins = !isalnum((unsigned char)*text);
			fputc(*text, out);
			if (*text++ == '\n')
				line = text;
		}
	}
}
