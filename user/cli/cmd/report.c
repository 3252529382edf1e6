// SPDX-License-Identifier: GPL-2.0-only
/* report: the notice to a customer or an abuse desk. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text/when.h"
#include "cli/lib/args.h"
#include "client/client.h"
#include "cli/lib/output/print.h"
#include "cli/lib/report/cef.h"
#include "cli/lib/report/evidence.h"
#include "cli/lib/report/facts.h"
#include "cli/lib/report/notice.h"
#include "cli/lib/report/xarf.h"
#include "config/config.h"

#define SINCE_DEFAULT_S (7 * 24 * 3600)

enum format {
	FORMAT_TEXT,
	FORMAT_XARF,
	FORMAT_CEF,
};

static const char *const formats[] = {"text", "xarf", "cef", NULL};
static const char *const protocols[] = {"tcp", "udp", "icmp", "sctp", NULL};

struct asked {
	const char *since, *until, *format, *lang, *protocol, *evidence, *config;
	enum format kind;
	int language;
	struct prefix prefix;
	struct report_span span;
};

static int index_of(const char *const *words, const char *word)
{
	int i = 0;

	while (strcmp(words[i], word))
		i++;
	return i;
}

/* An exit code, or -1. */
static int check(const struct context *context, struct asked *asked)
{
	int64_t now_us = when_now();
	int code = words_prefix(context, context->argv[0]);

	asked->span.until_us = now_us;
	asked->span.since_us = now_us - SINCE_DEFAULT_S * WHEN_SECOND;
	if (code < 0)
		code = words_choice(context, "format", asked->format, formats);
	if (code < 0)
		code = words_choice(context, "lang", asked->lang, notice_languages);
	if (code < 0)
		code = words_choice(context, "protocol", asked->protocol, protocols);
	if (code < 0)
		code = words_time(context, "since", asked->since, now_us, WHEN_BEFORE,
				  &asked->span.since_us);
	if (code < 0)
		code = words_time(context, "until", asked->until, now_us, WHEN_BEFORE,
				  &asked->span.until_us);
	if (code < 0 && asked->span.since_us > now_us)
		code = usage_error(context, "--since '%s' is in the future", asked->since);
	if (code < 0 && asked->span.until_us < asked->span.since_us)
		code = usage_error(context, "--until is before --since");
	if (code >= 0)
		return code;
	asked->kind = index_of(formats, asked->format);
	asked->language = index_of(notice_languages, asked->lang);
	if (asked->evidence && asked->kind == FORMAT_CEF)
		return usage_error(context,
				   "a line of CEF carries no file; leave --evidence out, or "
				   "take --format xarf");
	if (context->json && asked->kind == FORMAT_CEF)
		return usage_error(context, "a line of CEF is no JSON; leave --json out");
	prefix_parse(context->argv[0], &asked->prefix, NULL); /* as words_prefix() did */
	return -1;
}

/* The configuration that slash64d runs with. One that this user cannot read is one without sender. */
static int load_config(const struct context *context, const char *given, struct config *config,
		       struct error *error)
{
	struct error ignored;
	json_t *status = NULL;
	int err;

	if (given)
		return config_load(config, given, error);
	status = client_object(context->socket, "GET", "/v1/status", NULL, "config", error);
	if (!status)
		return -EREMOTEIO;
	err = config_load(config, member_text(status, "config"), &ignored);
	json_decref(status);
	if (err)
		config_init(config);
	return 0;
}

static int read_evidence(const struct asked *asked, struct xarf_evidence *evidence, void **bytes,
			 json_t *facts, struct error *error)
{
	char hash[EVIDENCE_HASH_MAX];
	int err;

	if (!asked->evidence)
		return 0;
	err = evidence_read(asked->evidence, bytes, &evidence->count, error);
	if (err)
		return err;
	evidence->file = asked->evidence;
	evidence->bytes = *bytes;
	json_object_set_new(facts, "evidence",
			    json_pack("{s:s, s:I, s:s}", "file", asked->evidence, "bytes",
				      (json_int_t)evidence->count, "sha256",
				      evidence_hash(*bytes, evidence->count, hash)));
	return 0;
}

/* The text to print, to be freed; NULL with *error set. */
static char *write_report(const struct context *context, const struct asked *asked,
			  const json_t *facts, const struct config *config,
			  const struct xarf_evidence *evidence, struct error *error)
{
	json_t *report;
	char *text;

	switch (asked->kind) {
	case FORMAT_TEXT:
		return notice_report(facts, &config->report, asked->language, error);
	case FORMAT_CEF:
		text = cef_report(facts);
		break;
	default:
		report = xarf_report(facts, &config->report, evidence, error);
		if (!report)
			return NULL;
		text = json_dumps(report, context->json ? JSON_COMPACT : JSON_INDENT(2));
		json_decref(report);
	}
	if (!text)
		error_set(error, -ENOMEM, "out of memory; try again");
	return text;
}

static int print_report(const struct context *context, const struct asked *asked, json_t *facts,
			const struct report_kept *kept, const struct config *config,
			struct error *error)
{
	struct xarf_evidence evidence = {.is_kept = kept->id,
					 .bytes = kept->bytes,
					 .count = kept->count};
	void *bytes = NULL;
	char *text = NULL;
	int err;

	if (asked->protocol)
		json_object_set_new(facts, "protocol", json_string(asked->protocol));
	err = read_evidence(asked, &evidence, &bytes, facts, error);
	if (!err && context->json && asked->kind == FORMAT_TEXT) {
		print_json(facts);
	} else if (!err) {
		text = write_report(context, asked, facts, config, &evidence, error);
		err = text ? 0 : -EINVAL;
	}
	if (text)
		printf("%s%s", text, asked->kind == FORMAT_TEXT ? "" : "\n");
	free(text);
	free(bytes);
	return err;
}

int command_report(struct context *context)
{
	struct asked asked = {.format = "text", .lang = "en"};
	const struct option_spec specs[] = {
		{"since", &asked.since, NULL},	     {"until", &asked.until, NULL},
		{"format", &asked.format, NULL},     {"lang", &asked.lang, NULL},
		{"protocol", &asked.protocol, NULL}, {"evidence", &asked.evidence, NULL},
		{"config", &asked.config, NULL},     {NULL, NULL, NULL},
	};
	struct report_kept kept = {};
	struct config config;
	struct error error;
	json_t *facts;
	int err, code = take_options(context, specs, 1, 1);

	if (code < 0)
		code = check(context, &asked);
	if (code >= 0)
		return code;
	err = load_config(context, asked.config, &config, &error);
	if (err)
		return refused(&error);
	facts = report_facts(context, &config, &asked.prefix, &asked.span, &kept, &error);
	err = facts ? print_report(context, &asked, facts, &kept, &config, &error) : -EREMOTEIO;
	json_decref(facts);
	report_kept_free(&kept);
	config_free(&config);
	return err ? refused(&error) : EXIT_DONE;
}
