// SPDX-License-Identifier: GPL-2.0-only
#include "complaint.h"

#include <bpf/libbpf.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_BEGINS  "-- BEGIN PROG LOAD LOG --\n"
#define LOG_ENDS    "-- END PROG LOAD LOG --"
#define LINES_MAX   4	/* the verifier's last lines, including the instruction */
#define LINE_MAX    160 /* one line */
#define SEPARATOR   "; "
#define STATE_BEGIN "  ;" /* behind an instruction: the contents of its registers */

/* The libraries' callbacks pass no caller data. */
static char last[COMPLAINT_MAX];
static char verifier[COMPLAINT_MAX];

struct line {
	const char *text;
	size_t length;
};

static bool begins(const struct line *line, const char *with)
{
	return line->length >= strlen(with) && !memcmp(line->text, with, strlen(with));
}

/* "3805: (79) r2 = *(u64 *)(r4 +0)" */
static bool is_instruction(const struct line *line)
{
	size_t i = 0;

	while (i < line->length && isdigit((unsigned char)line->text[i]))
		i++;
	return i && i + 2 < line->length && !memcmp(line->text + i, ": (", 3);
}

/* Statistics, source lines, states and precision tracking. */
static bool is_noise(const struct line *line)
{
	static const char *const noise[] = {
		"processed ", "verification time ", "stack depth ", "max_states", ";",
		"from ",      "last_idx ",	    "regs=",	    "parent ",	  "mark_precise"};

	if (!line->length)
		return true;
	for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++)
		if (begins(line, noise[i]))
			return true;
	for (size_t i = 0; i < line->length; i++)
		if (!isdigit((unsigned char)line->text[i]))
			return i && line->text[i] == ':' && !is_instruction(line);
	return false;
}

/* The line that ends at *end, which then becomes the end of the previous line. */
static struct line line_before(const char *log, size_t *end)
{
	size_t from = *end, to = *end;

	while (from && log[from - 1] != '\n')
		from--;
	*end = from ? from - 1 : 0;
	return (struct line){log + from, to - from};
}

static void shorten(struct line *line)
{
	const char *state = memmem(line->text, line->length, STATE_BEGIN, strlen(STATE_BEGIN));

	if (state)
		line->length = state - line->text;
	while (line->length && isspace((unsigned char)line->text[line->length - 1]))
		line->length--;
	if (line->length > LINE_MAX)
		line->length = LINE_MAX;
}

void verifier_last_lines(const char *log, size_t length, char *text, size_t bytes)
{
	struct line line[LINES_MAX];
	size_t count = 0, end = length, at = 0;

	while (end && count < LINES_MAX) {
		struct line before = line_before(log, &end);

		if (is_noise(&before))
			continue;
		line[count++] = before;
		if (is_instruction(&before))
			break;
	}
	text[0] = '\0';
	while (count-- && at < bytes) {
		shorten(&line[count]);
		at += snprintf(text + at, bytes - at, "%.*s%s", (int)line[count].length,
			       line[count].text, count ? SEPARATOR : "");
	}
}

void complaint_keep(const char *format, va_list args)
{
	const char *begin, *end;
	char *text;
	size_t n;

	/* the verifier's log is one argument, and may have millions of bytes */
	if (vasprintf(&text, format, args) < 0)
		return;
	begin = strstr(text, LOG_BEGINS);
	if (begin) {
		begin += strlen(LOG_BEGINS);
		end = strstr(begin, LOG_ENDS);
		verifier_last_lines(begin, end ? (size_t)(end - begin) : strlen(begin), verifier,
				    sizeof(verifier));
	} else {
		n = strcspn(text, "\n");
		if (n)
			snprintf(last, sizeof(last), "%.*s", (int)n, text);
	}
	free(text);
}

static int libbpf_says(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_WARN)
		complaint_keep(format, args);
	return 0;
}

void complaint_listen(void)
{
	libbpf_set_print(libbpf_says);
}

void complaint_forget(void)
{
	last[0] = verifier[0] = '\0';
}

const char *complaint_last(void)
{
	return last;
}

const char *complaint_verifier(void)
{
	return verifier;
}
