// SPDX-License-Identifier: GPL-2.0-only
#include "remote.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define URI "ssh://"

/* What ssh is given, as it does not understand ssh:// with an address in brackets. */
struct target {
	char name[REMOTE_HOST_MAX]; /* [USER@]NAME, without brackets */
	char port[8];		    /* "": none */
};

/* A name with the port behind it; false if that is none. Of a bare IPv6 address the colons are its own. */
static bool take_port(char *name, bool is_uri, char port[8])
{
	char *close = *name == '[' ? strchr(name, ']') : NULL, *colon = strchr(name, ':');
	unsigned long number;
	char *end;

	if (*name == '[' && (!close || (close[1] && close[1] != ':')))
		return false;
	if (close)
		colon = close[1] ? close + 1 : NULL;
	else if (!is_uri || (colon && colon != strrchr(name, ':')))
		colon = NULL;
	if (colon) {
		number = strtoul(colon + 1, &end, 10);
		if (colon[1] < '0' || colon[1] > '9' || *end || !number || number > UINT16_MAX)
			return false;
		snprintf(port, 8, "%lu", number);
		*colon = '\0';
	}
	if (close) {
		*close = '\0';
		memmove(name, name + 1, strlen(name));
	}
	return *name && *name != '-';
}

static bool split(const char *host, struct target *target)
{
	bool is_uri = !strncmp(host, URI, strlen(URI));
	char *name = target->name, *at;
	size_t n;

	target->port[0] = '\0';
	snprintf(name, sizeof(target->name), "%s", is_uri ? host + strlen(URI) : host);
	n = strlen(name);
	if (is_uri && n && name[n - 1] == '/')
		name[n - 1] = '\0';
	at = strrchr(name, '@');
	return take_port(at ? at + 1 : name, is_uri, target->port);
}

void remote_ssh(const char *host, const char *const *options, const char *command)
{
	const char *words[REMOTE_SSH_MAX + 7] = {"ssh"};
	struct target target;
	int n = 1;

	split(host, &target);
	while (*options)
		words[n++] = *options++;
	if (*target.port) {
		words[n++] = "-p";
		words[n++] = target.port;
	}
	words[n++] = "--";
	words[n++] = target.name;
	words[n++] = command;
	words[n] = NULL;
	execvp("ssh", (char *const *)words);
}

int remote_check(const char *host, struct error *error)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_:[]%@+";
	bool is_uri = !strncmp(host, URI, strlen(URI));
	const char *name = is_uri ? host + strlen(URI) : host, *at = strrchr(name, '@');
	size_t n = strspn(name, allowed);
	struct target target;

	if (strlen(host) >= REMOTE_HOST_MAX)
		return error_set(error, -EINVAL, "the host '%.32s...' is too long", host);
	/* ssh would take a name that begins with '-' for an option */
	if (!n || name[0] == '-' || name[0] == '@' || (at && (!at[1] || at[1] == '-')) ||
	    (name[n] && !(is_uri && !strcmp(name + n, "/"))))
		return error_set(error, -EINVAL,
				 "'%s' is not a host; write it like edge2, admin@edge2 or "
				 "ssh://admin@edge2:2222",
				 host);
	/* one colon: a port, which ssh would take for a part of the name */
	name = at ? at + 1 : name;
	if (!is_uri && name[0] != '[' && strchr(name, ':') &&
	    strchr(name, ':') == strrchr(name, ':'))
		return error_set(error, -EINVAL, "host '%s': write a port like ssh://%s", host,
				 host);
	if (!split(host, &target))
		return error_set(error, -EINVAL,
				 "'%s' is not a host; write an address with a port like "
				 "ssh://admin@[2001:db8::5]:2222",
				 host);
	return 0;
}

/* --- the command line --- */

/* A word within single quotes is what it is for every POSIX shell; only a single quote ends them. */
static void put_word(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-_:/@%+,";

	if (*word && !word[strspn(word, plain)]) {
		fputs(word, out);
		return;
	}
	putc('\'', out);
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", out);
		else
			putc(*word, out);
	putc('\'', out);
}

/* Times are typed and read in the zone of the person, not of the other router. NULL: unknown. */
static const char *own_zone(char buf[PATH_MAX])
{
	static const char below[] = "/zoneinfo/";
	const char *zone = getenv("TZ");
	ssize_t n;

	if (zone)
		return zone;
	n = readlink("/etc/localtime", buf, PATH_MAX - 1);
	if (n < 0)
		return NULL;
	buf[n] = '\0';
	zone = strstr(buf, below);
	return zone ? zone + strlen(below) : NULL;
}

char *remote_command(const struct context *context)
{
	char buf[PATH_MAX];
	const char *zone = own_zone(buf);
	char *command = NULL;
	size_t bytes;
	FILE *out = open_memstream(&command, &bytes);

	if (!out)
		return NULL;
	if (zone) { /* 'TZ=... slash64' is not understood by every shell */
		fputs("env ", out);
		fputs("TZ=", out);
		put_word(out, zone);
		putc(' ', out);
	}
	fputs("slash64", out);
	if (context->json)
		fputs(" --json", out);
	if (context->no_pager)
		fputs(" --no-pager", out);
	if (context->color)
		fprintf(out, " --color %s", context->color);
	if (context->remote_socket) {
		fputs(" --socket ", out);
		put_word(out, context->remote_socket);
	}
	for (int i = 0; i < context->argc; i++) {
		putc(' ', out);
		put_word(out, context->argv[i]);
	}
	if (fclose(out)) {
		free(command);
		return NULL;
	}
	return command;
}

int remote_exec(const struct context *context)
{
	/* A pager, a question and a live table need a terminal; a file to import must not pass one. */
	bool is_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
	char *command = remote_command(context);
	struct error error;

	if (!command)
		return out_of_memory();
	remote_ssh(context->host, (const char *[]){is_terminal ? "-t" : "-T", NULL}, command);
	error_set(&error, 0, "cannot run ssh: %s; install openssh-client", strerror(errno));
	free(command);
	return refused(&error);
}
