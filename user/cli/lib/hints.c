// SPDX-License-Identifier: GPL-2.0-only
#include "hints.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error_codes.h"
#include "base/text/language.h"

static const char *const words[ERROR_CODE_COUNT] = {
#define X(name, word, status) [ERROR_##name] = word,
	ERROR_CODES(X)
#undef X
};

/* ERROR_CODE_NONE for one that this version does not know. */
static enum error_code code_of(const char *word)
{
	for (int code = ERROR_CODE_NONE + 1; word && code < ERROR_CODE_COUNT; code++)
		if (!strcmp(words[code], word))
			return code;
	return ERROR_CODE_NONE;
}

static const char *member(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static const char *__attribute__((format(printf, 2, 3))) put(char *buf, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(buf, HINT_MAX, format, values);
	va_end(values);
	return buf;
}

static const char *hint_of_guard(const json_t *failure, char *buf)
{
	const char *around = member(failure, "allowed_by");

	if (around)
		return put(
			buf,
			_("'slash64 unallow %s' first, or --force makes it take effect when that is gone"),
			around);
	if (member(failure, "allowed_within"))
		return put(buf, _("--force blocks the rest"));
	if (member(failure, "would_block"))
		return put(buf, _("--force overrides this"));
	if (member(failure, "length_min"))
		return put(buf, _("block the intended parts, or --force overrides this"));
	return put(buf, _("--force overrides this"));
}

static const char *hint_of_required(const json_t *failure, char *buf)
{
	const char *missing = member(failure, "missing");
	bool reason = missing && !strcmp(missing, "reason");
	bool ticket = !reason || member(failure, "also_missing");

	return put(buf, "%s",
		   reason && ticket ? _("add --reason TEXT and --ticket ID") :
		   reason	    ? _("add --reason TEXT") :
				      _("add --ticket ID"));
}

static const char *hint_of_undo(const json_t *failure, char *buf)
{
	const char *action = member(failure, "action");

	if (action && (!strcmp(action, "import") || !strcmp(action, "restore")))
		return put(buf, _("'slash64 unblock --origin NAME' ends a set"));
	if (action && !strcmp(action, "reload"))
		return put(buf, _("restore the file, and 'slash64 reload'"));
	return put(buf, _("see 'slash64 log'"));
}

/* About one prefix, which the failure names. */
static const char *hint_of_prefix(enum error_code code, const json_t *failure, const char *prefix,
				  char *buf)
{
	const char *around = member(failure, "around");

	switch (code) {
	case ERROR_WEAKEN:
		return put(buf, _("--force overrides this, 'slash64 unblock %s' ends the block"),
			   prefix);
	case ERROR_NOT_A_THROTTLE:
		return put(buf, _("'slash64 throttle %s --rate N --force' replaces it"), prefix);
	case ERROR_BLOCKED_IN_PARTS:
		return put(
			buf,
			_("'slash64 list %s' shows them, 'slash64 unblock --within %s' ends them"),
			prefix, prefix);
	case ERROR_BLOCKED_AROUND:
		return around ?
			       put(buf,
				   _("'slash64 allow %s' opens this part, 'slash64 unblock %s' all of it"),
				   prefix, around) :
			       NULL;
	case ERROR_BLOCKED_BY_SOURCE:
		return put(buf, _("'slash64 unblock %s' ends all its entries"), prefix);
	case ERROR_SEVERAL_ORIGINS:
		return put(buf, _("name one with --origin, or 'slash64 allow %s'"), prefix);
	case ERROR_CHANGED_SINCE:
		return put(buf, _("see 'slash64 log --prefix %s'"), prefix);
	case ERROR_ALLOWED_BY_HAND:
		return put(buf, _("'slash64 unallow %s' first, or set force: true"), prefix);
	default:
		return NULL;
	}
}

/* Where its prefix is. */
static const char *prefix_key(enum error_code code)
{
	switch (code) {
	case ERROR_WEAKEN:
		return "blocked";
	case ERROR_BLOCKED_BY_SOURCE:
		return "source";
	case ERROR_ALLOWED_BY_HAND:
		return "allowed_within";
	default:
		return "prefix";
	}
}

const char *hint_of_failure(const json_t *failure, char buf[HINT_MAX])
{
	enum error_code code = code_of(member(failure, "code"));
	const char *prefix = member(failure, prefix_key(code));
	const char *text = NULL;

	switch (code) {
	case ERROR_GUARDED:
		return hint_of_guard(failure, buf);
	case ERROR_REQUIRED:
		return hint_of_required(failure, buf);
	case ERROR_CANNOT_UNDO:
		return hint_of_undo(failure, buf);
	case ERROR_EVERYTHING:
		text = N_(
			"--force does not block that either, 'slash64 top' shows the sources that send most");
		break;
	case ERROR_WIDE:
		text = N_("--force confirms that");
		break;
	case ERROR_NOT_BLOCKED:
		text = N_("'slash64 list' lists blocks");
		break;
	case ERROR_NOT_ALLOWED:
		text = N_("'slash64 allow' lists them");
		break;
	case ERROR_NOT_ATTACHED:
		text = N_("'slash64 status' lists the interfaces");
		break;
	case ERROR_NOTHING_TO_UNDO:
		text = N_("see 'slash64 log'");
		break;
	case ERROR_NOTHING_TO_CONFIRM:
		text = N_("'slash64 reload --for 5m' starts that");
		break;
	case ERROR_UNCONFIRMED:
		text = N_("'slash64 confirm' first, or 'slash64 reload --for' again");
		break;
	case ERROR_LIST_INCOMPLETE:
		text = N_("--force overrides this");
		break;
	case ERROR_LIST_EMPTY:
		text = N_("--force empties it");
		break;
	case ERROR_NO_RATE:
		text = N_("use one of those ('slash64 list --kind throttle')");
		break;
	case ERROR_BURST_TOO_LONG:
		text = member(failure, "burst_max");
		return text ? put(buf, _("--burst %s is the most at this rate"), text) : NULL;
	case ERROR_OTHER_NAME:
		text = member(failure, "interface");
		return text ? put(buf, _("'slash64 attach %s' attaches to it"), text) : NULL;
	default:
		return prefix ? hint_of_prefix(code, failure, prefix, buf) : NULL;
	}
	return put(buf, "%s", _(text));
}

const char *hint_of_feed(const char *code, const char *origin, char buf[HINT_MAX])
{
	switch (code_of(code)) {
	case ERROR_LIST_INCOMPLETE:
	case ERROR_LIST_EMPTY:
		return put(buf, _("'slash64 import FILE --origin %s --replace --force' applies it"),
			   origin);
	case ERROR_LIST_SHRUNK:
		return put(buf, _("'slash64 import FILE --origin %s --replace' applies it"),
			   origin);
	default:
		return NULL;
	}
}

const char *hint_of_problem(const json_t *problem, char buf[HINT_MAX])
{
	const char *code = member(problem, "code"), *name = member(problem, "interface");
	const char *feed = member(problem, "feed");

	if (code && feed)
		return hint_of_feed(member(problem, "failure"), feed, buf);
	if (code && !strcmp(code, "no-interface"))
		return put(buf, _("or 'slash64 attach IFACE'"));
	if (code && !strcmp(code, "not-returned"))
		return put(buf, _("'slash64 confirm' keeps what is in force"));
	if (code && !strcmp(code, "fuse-blown"))
		return put(buf, _("'slash64 proposals' lists what they propose"));
	if (code && !strcmp(code, "store-log-lost"))
		return put(buf, _("'systemctl restart slash64d' makes another one"));
	if (code && !strcmp(code, "store-lost"))
		return put(buf, _("'slash64 export' saves what there is"));
	if (code && name && !strcmp(code, "interface-detached"))
		return put(buf, _("'slash64 attach %s' attaches it again"), name);
	if (code && name && !strcmp(code, "interface-monitors"))
		return put(buf, _("'slash64 attach %s' goes back to that"), name);
	return NULL;
}

/* How slash64d ends the refusal of a line that could be forced, and what the command has for it. */
static const char *const forced[][2] = {
	{"; block the intended parts, or force overrides this",
	 "; block the intended parts, or --force overrides this"},
	{"; force overrides this", "; --force overrides this"},
	{"; with force it takes effect when that is gone",
	 "; with --force it takes effect when that is gone"},
	{"; with force the rest is blocked", "; with --force the rest is blocked"},
};

static const char *end_of_line(const char *text, bool is_forcible, char buf[HINT_LINE_MAX])
{
	size_t length = strlen(text);

	for (size_t i = 0; i < sizeof(forced) / sizeof(forced[0]); i++) {
		size_t end = strlen(forced[i][0]);

		if (length < end || strcmp(text + length - end, forced[i][0]))
			continue;
		snprintf(buf, HINT_LINE_MAX, "%.*s%s", (int)(length - end), text,
			 is_forcible ? forced[i][1] : "");
		return buf;
	}
	return text;
}

const char *hint_in_import(const char *text, char buf[HINT_LINE_MAX])
{
	return end_of_line(text, true, buf);
}

const char *hint_in_feed(const char *text, char buf[HINT_LINE_MAX])
{
	return end_of_line(text, false, buf);
}
