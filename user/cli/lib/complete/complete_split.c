// SPDX-License-Identifier: GPL-2.0-only
/* A line of bash as words: bash itself splits at colons and "=", of which addresses are full. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "complete.h"

/* One word, without its quotes, to *to; *to is then behind its end. An open quote ends with the line. */
static const char *take_word(const char *line, char **to)
{
	char quote = '\0';

	for (; *line && (quote || !isspace((unsigned char)*line)); line++) {
		if (*line == quote)
			quote = '\0';
		else if (!quote && (*line == '"' || *line == '\''))
			quote = *line;
		else if (*line == '\\' && quote != '\'' && line[1])
			*(*to)++ = *++line;
		else
			*(*to)++ = *line;
	}
	*(*to)++ = '\0';
	return line;
}

char **complete_split(const char *line, int *count)
{
	size_t bytes = strlen(line), most = bytes / 2 + 2;
	char **words = malloc(most * sizeof(*words) + bytes + most + 1);
	char *to = words ? (char *)(words + most) : NULL;

	*count = 0;
	if (!words)
		return NULL;
	for (;;) {
		while (isspace((unsigned char)*line))
			line++;
		words[(*count)++] = to;
		line = take_word(line, &to);
		if (!*line)
			return words;
	}
}
