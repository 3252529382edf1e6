// SPDX-License-Identifier: GPL-2.0-only
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/array.h"
#include "base/text/duration.h"
#include "config/yaml.h"
#include "service/fields.h"

/* --- what goes to a receiver --- */

static int parse_word(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct words *words = data;
	int err;

	if (words->count == RECEIVER_WORDS_MAX)
		return yaml_error(source, node, "more than %d words", RECEIVER_WORDS_MAX);
	err = yaml_text(source, node, "a word", words->word[words->count], RECEIVER_WORD_MAX);
	if (!err)
		words->count++;
	return err;
}

static int empty_list(struct yaml_source *source, yaml_node_t *node, const char *what)
{
	return yaml_error(source, node,
			  "%s is empty, which would let everything through; leave it out", what);
}

/* A word, or a list of words. */
static int parse_words(struct yaml_source *source, yaml_node_t *node, const char *what,
		       struct words *words)
{
	int err = yaml_is_scalar(node) ? parse_word(source, node, words) :
					 yaml_sequence(source, node, what, parse_word, words);

	return !err && !words->count ? empty_list(source, node, what) : err;
}

/* `slash64 log` prints the verb of the command for what the log calls disallow. */
static int parse_actions(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct words *words = &((struct receiver_filter *)data)->actions;
	int err = parse_words(source, node, "actions", words);

	for (size_t i = 0; i < words->count; i++)
		if (!strcmp(words->word[i], "unallow"))
			strcpy(words->word[i], "disallow");
	return err;
}

static int parse_origins(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_words(source, node, "origins", &((struct receiver_filter *)data)->origins);
}

static int parse_rules(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_words(source, node, "rules", &((struct receiver_filter *)data)->rules);
}

static int parse_prefix(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct receiver_filter *only = data;
	const char *text = yaml_scalar(source, node, "within");

	if (!text)
		return -EINVAL;
	if (only->within_count == RECEIVER_PREFIXES_MAX)
		return yaml_error(source, node, "more than %d prefixes", RECEIVER_PREFIXES_MAX);
	if (prefix_parse(text, &only->within[only->within_count], NULL))
		return yaml_error(source, node, "within: '%s' is not a prefix like 2001:db8::/32",
				  text);
	only->within_count++;
	return 0;
}

static int parse_within(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct receiver_filter *only = data;
	int err = yaml_is_scalar(node) ? parse_prefix(source, node, data) :
					 yaml_sequence(source, node, "within", parse_prefix, data);

	return !err && !only->within_count ? empty_list(source, node, "within") : err;
}

static int parse_only(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"actions", parse_actions},
						   {"origins", parse_origins},
						   {"rules", parse_rules},
						   {"within", parse_within},
						   {NULL, NULL}};

	return yaml_mapping(source, node, fields, "only", &((struct receiver *)data)->only);
}

/* --- the kinds of receivers --- */

static int parse_ca(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "ca", ((struct receiver *)data)->ca);
}

static int begin_kind(struct yaml_source *source, yaml_node_t *node, struct receiver *receiver,
		      enum receiver_kind kind)
{
	if (receiver->kind != RECEIVER_NONE)
		return yaml_error(
			source, node,
			"a receiver is one of webhook, syslog and mail; list another one");
	receiver->kind = kind;
	return 0;
}

static int parse_url(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_url(source, node, "url", ((struct receiver *)data)->webhook.url,
			 RECEIVER_TEXT_MAX);
}

static int parse_webhook_format(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"json", "ecs", NULL};
	int choice, err = yaml_choice(source, node, "format", words, &choice);

	if (!err)
		((struct receiver *)data)->webhook.format = choice;
	return err;
}

static int parse_token_file(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "token_file",
			  ((struct receiver *)data)->webhook.token_file);
}

static int parse_webhook(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {{"url", parse_url},
						   {"format", parse_webhook_format},
						   {"token_file", parse_token_file},
						   {"ca", parse_ca},
						   {NULL, NULL}};
	struct receiver *receiver = data;
	int err = begin_kind(source, node, receiver, RECEIVER_WEBHOOK);

	if (!err)
		err = yaml_mapping(source, node, fields, "webhook", data);
	if (!err && !receiver->webhook.url[0])
		return yaml_error(source, node, "a webhook needs a url");
	return err;
}

/* A name or an address in brackets, and a port. */
static int parse_server(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct receiver *receiver = data;
	const char *text = yaml_scalar(source, node, "server"), *colon, *host = text;
	unsigned long port;
	size_t bytes;
	char *end;

	if (!text)
		return -EINVAL;
	colon = strrchr(text, ':');
	bytes = colon ? (size_t)(colon - text) : strlen(text);
	port = colon ? strtoul(colon + 1, &end, 10) : 0;
	if (bytes > 2 && text[0] == '[' && text[bytes - 1] == ']') {
		host++;
		bytes -= 2;
	}
	if (!colon || (host == text && memchr(text, ':', bytes)) || *end || !port ||
	    port > UINT16_MAX || !bytes || bytes >= sizeof(receiver->syslog.host))
		return yaml_error(source, node,
				  "server: '%s' is not HOST:PORT; write it like [2001:db8::5]:514",
				  text);
	memcpy(receiver->syslog.host, host, bytes);
	receiver->syslog.host[bytes] = '\0';
	receiver->syslog.port = port;
	return 0;
}

static int parse_transport(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"udp", "tcp", "tls", NULL};
	int choice, err = yaml_choice(source, node, "transport", words, &choice);

	if (!err)
		((struct receiver *)data)->syslog.transport = choice;
	return err;
}

static int parse_syslog_format(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"rfc5424", "cef", NULL};
	int choice, err = yaml_choice(source, node, "format", words, &choice);

	if (!err)
		((struct receiver *)data)->syslog.format = choice;
	return err;
}

static int parse_facility(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char *const words[] = {"local0", "local1",	  "local2", "local3",
					    "local4", "local5",	  "local6", "local7",
					    "daemon", "authpriv", NULL};
	static const int numbers[] = {LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3, LOG_LOCAL4,
				      LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7, LOG_DAEMON, LOG_AUTHPRIV};
	int choice, err = yaml_choice(source, node, "facility", words, &choice);

	if (!err)
		((struct receiver *)data)->syslog.facility = numbers[choice];
	return err;
}

static int parse_syslog(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"server", parse_server},
		{"transport", parse_transport},
		{"format", parse_syslog_format},
		{"facility", parse_facility},
		{"ca", parse_ca},
		{NULL, NULL},
	};
	struct receiver *receiver = data;
	int err = begin_kind(source, node, receiver, RECEIVER_SYSLOG);

	receiver->syslog.facility = LOG_DAEMON;
	if (!err)
		err = yaml_mapping(source, node, fields, "syslog", data);
	if (!err && !receiver->syslog.host[0])
		return yaml_error(source, node, "syslog needs a server, like [2001:db8::5]:514");
	return err;
}

static int parse_mail_server(struct yaml_source *source, yaml_node_t *node, void *data)
{
	char *server = ((struct receiver *)data)->mail.server;
	int err = yaml_text(source, node, "server", server, RECEIVER_TEXT_MAX);

	if (!err && strncmp(server, "smtp://", 7) && strncmp(server, "smtps://", 8))
		return yaml_error(source, node, "server: '%s' must begin with smtp:// or smtps://",
				  server);
	if (!err && !field_is_url(server))
		return yaml_error(source, node, "server: '%s' is not like smtp://mail.example.net",
				  server);
	return err;
}

/* It becomes a part of headers: no brackets, blanks or line breaks. */
static int parse_address(struct yaml_source *source, yaml_node_t *node, const char *key, char *out)
{
	int err = yaml_text(source, node, key, out, RECEIVER_TEXT_MAX);

	if (!err && (!strchr(out, '@') || strpbrk(out, " \t<>,;\"")))
		return yaml_error(source, node, "%s: '%s' is not a mail address like a@example.net",
				  key, out);
	return err;
}

static int parse_from(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return parse_address(source, node, "from", ((struct receiver *)data)->mail.from);
}

static int parse_to_one(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct receiver *receiver = data;
	int err;

	if (receiver->mail.to_count == RECEIVER_ADDRESSES_MAX)
		return yaml_error(source, node, "more than %d addresses in to",
				  RECEIVER_ADDRESSES_MAX);
	err = parse_address(source, node, "to", receiver->mail.to[receiver->mail.to_count]);
	if (!err)
		receiver->mail.to_count++;
	return err;
}

static int parse_to(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_is_scalar(node) ? parse_to_one(source, node, data) :
				      yaml_sequence(source, node, "to", parse_to_one, data);
}

static int parse_user(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_text(source, node, "user", ((struct receiver *)data)->mail.user,
			 RECEIVER_TEXT_MAX);
}

static int parse_password_file(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "password_file",
			  ((struct receiver *)data)->mail.password_file);
}

static int parse_incident(struct yaml_source *source, yaml_node_t *node, void *data)
{
	const char *text = yaml_scalar(source, node, "incident");

	if (!text)
		return -EINVAL;
	if (duration_parse(text, &((struct receiver *)data)->mail.incident_ms))
		return yaml_error(source, node, "incident: '%s' is not a duration: %s", text,
				  duration_hint(text));
	return 0;
}

static int parse_mail(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"server", parse_mail_server},
		{"from", parse_from},
		{"to", parse_to},
		{"user", parse_user},
		{"password_file", parse_password_file},
		{"incident", parse_incident},
		{"ca", parse_ca},
		{NULL, NULL},
	};
	struct receiver *receiver = data;
	int err = begin_kind(source, node, receiver, RECEIVER_MAIL);

	receiver->mail.incident_ms = SETTINGS_INCIDENT_MS;
	if (!err)
		err = yaml_mapping(source, node, fields, "mail", data);
	if (!err &&
	    (!receiver->mail.server[0] || !receiver->mail.from[0] || !receiver->mail.to_count))
		return yaml_error(source, node, "mail needs server, from and to");
	if (!err && !receiver->mail.user[0] != !receiver->mail.password_file[0])
		return yaml_error(source, node, "mail needs user and password_file, or neither");
	return err;
}

/* --- the list of them --- */

static int parse_name(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	char *name = ((struct receiver *)data)->name;
	int err = yaml_text(source, node, "name", name, RECEIVER_NAME_MAX);

	if (!err && strspn(name, allowed) != strlen(name))
		return yaml_error(source, node,
				  "name: '%s' must be of letters, digits, '-', '_' and '.'", name);
	return err;
}

static int parse_receiver(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"name", parse_name}, {"webhook", parse_webhook}, {"syslog", parse_syslog},
		{"mail", parse_mail}, {"only", parse_only},	  {NULL, NULL},
	};
	struct settings *settings = data;
	struct receiver *receiver;
	int err;

	if (settings->receiver_count == RECEIVERS_MAX)
		return yaml_error(source, node, "more than %d receivers", RECEIVERS_MAX);
	receiver = array_add(&settings->receiver, &settings->receiver_count, sizeof(*receiver));
	if (!receiver)
		return error_set(source->error, -ENOMEM, "%s: out of memory", source->name);
	receiver->line = yaml_line(node);
	err = yaml_mapping(source, node, fields, "a receiver", receiver);
	if (!err && (!receiver->name[0] || receiver->kind == RECEIVER_NONE))
		return yaml_error(source, node,
				  "a receiver needs a name, and one of webhook, syslog and mail");
	for (size_t i = 0; !err && i + 1 < settings->receiver_count; i++)
		if (!strcmp(settings->receiver[i].name, receiver->name))
			err = yaml_error(source, node, "duplicate receiver '%s'", receiver->name);
	return err;
}

static int parse_receivers(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_sequence(source, node, "receivers", parse_receiver, data);
}

static int parse_socket(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "socket", ((struct settings *)data)->socket);
}

static int parse_state(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_path(source, node, "state", ((struct settings *)data)->state);
}

static int parse_queue(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_number(source, node, "queue", SETTINGS_QUEUE_MIN, SETTINGS_QUEUE_MAX,
			   &((struct settings *)data)->queue);
}

static int parse_metrics(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return field_listen(source, node, "metrics", ((struct settings *)data)->metrics);
}

static int parse_all(struct settings *settings, struct yaml_source *source)
{
	static const struct yaml_field fields[] = {
		{"socket", parse_socket},   {"state", parse_state},	    {"queue", parse_queue},
		{"metrics", parse_metrics}, {"receivers", parse_receivers}, {NULL, NULL},
	};
	yaml_node_t *root = yaml_document_get_root_node(&source->document);
	int err = yaml_mapping(source, root, fields, "the configuration", settings);

	if (!err && !settings->receiver_count)
		err = error_set(source->error, -EINVAL,
				"%s: nobody is told anything; list 'receivers'", source->name);
	return err;
}

int settings_load(struct settings *settings, const char *file, struct error *error)
{
	struct yaml_source source = {
		.shortest = "receivers: [{name: soc, syslog: {server: '[2001:db8::5]:514'}}]"};
	int err;

	*settings = (struct settings){.queue = SETTINGS_QUEUE_DEFAULT};
	strcpy(settings->socket, SETTINGS_SOCKET_DEFAULT);
	strcpy(settings->state, SETTINGS_STATE_DEFAULT);
	err = yaml_open(&source, file, error);
	if (err)
		return err;
	err = parse_all(settings, &source);
	yaml_close(&source);
	if (err)
		settings_free(settings);
	return err;
}

void settings_free(struct settings *settings)
{
	free(settings->receiver);
	settings->receiver = NULL;
	settings->receiver_count = 0;
}
