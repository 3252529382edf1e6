// SPDX-License-Identifier: GPL-2.0-only
/* A change as a mail: RFC 5322, UTF-8, a table and a sentence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text/when.h"
#include "messages.h"
#include "net/spoken.h"

#define TEXT_LINE_MAX 990 /* RFC 5322 2.1.1: 998 with what comes before it */

/* In English, whatever the locale; RFC 5322 3.3. */
static void put_date(FILE *out, int64_t us)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = us / WHEN_SECOND;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	fprintf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
		tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* A header is ASCII: the action and the prefix are. */
static void put_subject(FILE *out, const json_t *change, const char *host)
{
	const char *prefix = message_text(change, "prefix");

	fprintf(out, "Subject: [slash64 %s] %s%s%s\r\n", host, message_action(change),
		prefix ? " " : "", prefix ? prefix : "");
}

static void put_headers(FILE *out, const json_t *change, const struct mail_message *mail)
{
	const struct receiver *to = mail->receiver;

	put_date(out, when_now());
	fprintf(out, "From: slash64 <%s>\r\nTo: ", mail->from);
	for (size_t i = 0; i < to->mail.to_count; i++)
		fprintf(out, "%s<%s>", i ? ",\r\n\t" : "", to->mail.to[i]);
	fputs("\r\n", out);
	put_subject(out, change, mail->host);
	fprintf(out, "Message-ID: <%s>\r\n", mail->id);
	if (mail->thread[0])
		fprintf(out, "In-Reply-To: <%s>\r\nReferences: <%s>\r\n", mail->thread,
			mail->thread);
	fputs("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
	      out);
}

/* Texts of a change have no line breaks; a line that is too long goes on in the next. */
static void put_row(FILE *out, const char *name, const char *text)
{
	size_t n = 0;

	if (!text)
		return;
	fprintf(out, "%-10s ", name);
	for (; *text; text++) {
		bool begins = ((unsigned char)*text & 0xc0) != 0x80;

		if (++n > TEXT_LINE_MAX - 16 && begins) {
			fputs("\r\n           ", out);
			n = 0;
		}
		putc(*text == '\r' || *text == '\n' ? ' ' : *text, out);
	}
	fputs("\r\n", out);
}

static void put_spoken(FILE *out, const char *text)
{
	char check[SPOKEN_CHECK + 1], spoken[SPOKEN_TEXT_MAX];
	struct prefix prefix;

	if (!text || prefix_parse_whole(text, &prefix, NULL) || prefix_is_v4(&prefix) ||
	    spoken_check(&prefix, check) || spoken_say(&prefix, spoken))
		return;
	put_row(out, "Check", check);
	put_row(out, "Spoken", spoken);
}

static void put_body(FILE *out, const json_t *change)
{
	static const struct {
		const char *name, *key;
	} rows[] = {{"Time", "time"},	  {"Prefix", "prefix"}, {"Until", "until"},
		    {"Reason", "reason"}, {"Ticket", "ticket"}, {"Origin", "origin"},
		    {"Who", "who"},	  {"From", "from"},	{"Detail", "detail"}};
	char *sentence = message_sentence(change);

	put_row(out, "Change", message_action(change));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		put_row(out, rows[i].name, message_text(change, rows[i].key));
	put_spoken(out, message_text(change, "prefix"));
	if (!message_text(change, "action"))
		put_row(out, "", sentence);
	free(sentence);
}

char *message_mail(const json_t *change, const struct mail_message *mail)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	if (!out)
		return NULL;
	put_headers(out, change, mail);
	put_body(out, change);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}
