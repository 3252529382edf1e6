// SPDX-License-Identifier: GPL-2.0-only
/* say, hear: a prefix over the telephone. Needs no daemon. */
#include "net/spoken.h"
#include "net/spoken_ja.h"
#include "cli/lib/args.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/lib/output/print.h"
#include "base/text/language.h"

#define TYPED_MAX 1024

/* A translation of "en" is the language that a reader of it reads out on the telephone. */
static const char *own_language(void)
{
	return _("en");
}

static int say_in(const char *lang, const struct prefix *prefix, char spoken[SPOKEN_JA_MAX],
		  char spelled[SPOKEN_JA_MAX])
{
	int err;

	if (!strcmp(lang, "ja")) {
		err = spoken_ja_say(prefix, spoken);
		return err ? err : spoken_ja_spell(prefix, spelled);
	}
	err = spoken_say(prefix, spoken);
	return err ? err : spoken_spell(prefix, spelled);
}

int command_say(struct context *context)
{
	static const char *const languages[] = {"en", "ja", NULL};
	char spoken[SPOKEN_JA_MAX], spelled[SPOKEN_JA_MAX], check[SPOKEN_CHECK + 1];
	const char *lang = NULL;
	const struct option_spec specs[] = {{"lang", &lang, NULL}, {NULL, NULL, NULL}};
	char text[PREFIX_TEXT_MAX];
	struct prefix prefix;
	enum prefix_note note = PREFIX_EXACT;
	struct error error;
	json_t *object;
	int code = take_options(context, specs, 1, 1);

	if (code < 0)
		code = words_choice(context, "lang", lang, languages);
	if (code < 0)
		code = words_prefix(context, context->argv[0]);
	if (code >= 0)
		return code;
	prefix_parse(context->argv[0], &prefix, &note); /* as words_prefix() did */
	if (prefix_is_v4(&prefix)) {
		error_set(&error, -EINVAL, "%s is IPv4, which has no spoken form; read its digits",
			  prefix_format(&prefix, text));
		return refused(&error);
	}
	if (say_in(lang ? lang : own_language(), &prefix, spoken, spelled) ||
	    spoken_check(&prefix, check)) {
		error_set(&error, -ERANGE, "%s is longer than /64 and has no spoken form",
			  prefix_format(&prefix, text));
		return refused(&error);
	}
	if (!context->json) {
		printf("%s\n%s\n", spoken, spelled);
		if (note == PREFIX_WAS_ADDRESS)
			printf(_("note: %s stands for its /64, %s\n"), context->argv[0],
			       prefix_format(&prefix, text));
		return EXIT_DONE;
	}
	object = json_pack("{s:s, s:s, s:s, s:s}", "prefix", prefix_format(&prefix, text),
			   "check_chars", check, "spoken", spoken, "spelled", spelled);
	print_json(object);
	json_decref(object);
	return EXIT_DONE;
}

/* The words may come as one argument or as several. */
static int join(const struct context *context, char text[TYPED_MAX])
{
	size_t n = 0;

	for (int i = 0; i < context->argc; i++) {
		n += snprintf(text + n, TYPED_MAX - n, "%s%s", i ? " " : "", context->argv[i]);
		if (n >= TYPED_MAX)
			return -EINVAL;
	}
	return 0;
}

static int misheard(struct context *context, const struct prefix *guess, unsigned int guesses,
		    struct error *error)
{
	char text[PREFIX_TEXT_MAX], spoken[SPOKEN_JA_MAX], spelled[SPOKEN_JA_MAX];
	size_t n = strlen(error->text);
	json_t *object, *list;

	if (context->json) {
		list = json_array();
		for (unsigned int i = 0; i < guesses; i++)
			json_array_append_new(list, json_string(prefix_format(&guess[i], text)));
		object = json_pack("{s:s, s:o}", "error", error->text, "meant", list);
		print_json(object);
		json_decref(object);
		return EXIT_REFUSED;
	}
	if (guesses == 1) {
		say_in(own_language(), &guess[0], spoken, spelled);
		snprintf(error->text + n, sizeof(error->text) - n,
			 "; probably %s was meant: %.128s", prefix_format(&guess[0], text), spoken);
	} else if (guesses) {
		for (unsigned int i = 0; i < guesses; i++) {
			n = strlen(error->text);
			snprintf(error->text + n, sizeof(error->text) - n, "%s%s",
				 i ? ", " : "; one mistake away from: ",
				 prefix_format(&guess[i], text));
		}
	} else {
		snprintf(error->text + n, sizeof(error->text) - n, "; ask for it again");
	}
	return refused(error);
}

int command_hear(struct context *context)
{
	struct prefix prefix, guess[SPOKEN_GUESSES_MAX];
	char typed[TYPED_MAX], text[PREFIX_TEXT_MAX];
	unsigned int guesses;
	struct error error;
	json_t *object;
	int err, code = take_options(context, NULL, 1, 64);

	if (code >= 0)
		return code;
	if (join(context, typed))
		return usage_error(context, "too long for a spoken prefix");
	err = spoken_hear(typed, &prefix, guess, &guesses, &error);
	if (err == -EBADMSG)
		return misheard(context, guess, guesses, &error);
	if (err)
		return refused(&error);
	if (!context->json) {
		printf("%s\n", prefix_format(&prefix, text));
		return EXIT_DONE;
	}
	object = json_pack("{s:s}", "prefix", prefix_format(&prefix, text));
	print_json(object);
	json_decref(object);
	return EXIT_DONE;
}
