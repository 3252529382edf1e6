// SPDX-License-Identifier: GPL-2.0-only
#include "language.h"

#include <langinfo.h>
#include <libgen.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOMAIN	 "slash64"
#define WORD_MAX 256

static bool is_foreign;

/* The name of a locale, or several of them. It becomes part of a path: sudo keeps it, and a catalogue is as trusted as
 * the program.
 */
static bool is_harmless(const char *name)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.@:";

	return strlen(name) < WORD_MAX && strspn(name, allowed) == strlen(name) &&
	       !strstr(name, "..");
}

/* The value of a variable, or "". */
static const char *value_of(const char *name)
{
	const char *value = getenv(name);

	return value ? value : "";
}

/* The locale of messages, as setlocale() looks it up. */
static const char *wanted(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (*value_of(names[i]))
			return value_of(names[i]);
	return "";
}

/* Catalogues are searched in the order of LANGUAGE. English has none, and needs none. */
static void stop_at_english(void)
{
	char list[WORD_MAX];
	const char *from = value_of("LANGUAGE");
	size_t n;

	for (const char *p = from; *p; p += n + (p[n] == ':')) {
		n = strcspn(p, ":");
		if (strncmp(p, "en", 2) || (n > 2 && p[2] != '_' && p[2] != '.' && p[2] != '@'))
			continue;
		snprintf(list, sizeof(list), "%.*sC", (int)(p - from), from);
		setenv("LANGUAGE", list, 1);
		return;
	}
}

/* A router rarely has the locale generated that its operator's terminal asks for over ssh. Messages and the width of
 * characters need no more of it than its name.
 */
static bool set_without_locale(void)
{
	char name[WORD_MAX];
	const char *locale = wanted(), *charset = strchr(locale, '.');

	if (!charset || (strncasecmp(charset, ".utf-8", 6) && strncasecmp(charset, ".utf8", 5)))
		return false;
	if (!setlocale(LC_CTYPE, "C.UTF-8") || !setlocale(LC_MESSAGES, "C.UTF-8"))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)(charset - locale), locale);
	return !setenv("LANGUAGE", name, 0);
}

/* Beside the program where it was built, ../share/locale where it is installed. False if that is unknown. */
static bool find_catalogues(char path[PATH_MAX])
{
	char program[PATH_MAX];
	struct stat found;
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	int bytes;

	if (n <= 0)
		return false;
	program[n] = '\0';
	dirname(program);
	bytes = snprintf(path, PATH_MAX, "%s/locale", program);
	if (bytes < PATH_MAX && !stat(path, &found) && S_ISDIR(found.st_mode))
		return true;
	bytes = snprintf(path, PATH_MAX, "%s/../share/locale", program);
	return bytes < PATH_MAX;
}

static bool start(void)
{
	char path[PATH_MAX];

	if (!is_harmless(wanted()) || !is_harmless(value_of("LANGUAGE")) ||
	    !is_harmless(value_of("LC_CTYPE")))
		return false;
	stop_at_english();
	if ((!setlocale(LC_CTYPE, "") || !setlocale(LC_MESSAGES, "")) && !set_without_locale())
		return false;
	/* what slash64d answers, reasons and names, is UTF-8 */
	if (strcmp(nl_langinfo(CODESET), "UTF-8") || !find_catalogues(path))
		return false;
	bindtextdomain(DOMAIN, path);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	return *dgettext(DOMAIN, ""); /* the header of the catalogue */
}

void language_init(void)
{
	is_foreign = start();
	if (!is_foreign) {
		/* no half: the texts of the C library are in English too */
		setlocale(LC_MESSAGES, "C");
		setlocale(LC_CTYPE, "");
	}
}

void language_english(void)
{
	is_foreign = false;
	setlocale(LC_MESSAGES, "C");
}

bool language_is_foreign(void)
{
	return is_foreign;
}

const char *language_text(const char *text)
{
	return is_foreign && *text ? dgettext(DOMAIN, text) : text;
}

const char *language_text_of(const char *one, const char *many, unsigned long n)
{
	if (is_foreign)
		return dngettext(DOMAIN, one, many, n);
	return n == 1 ? one : many;
}

const char *language_of_library(const char *text)
{
	return is_foreign && *text ? dgettext("libc", text) : text;
}
