// SPDX-License-Identifier: GPL-2.0-only
/* Feeds with a prefix per line: plain ones, and the older text form of Spamhaus DROP. */
#include <string.h>

#include "feed_internal.h"

void feed_plain_line(struct feed *feed, const char *text, size_t n)
{
	struct feed_entry entry = {.line = feed->lines};
	const char *end = text;

	while (end < text + n && *end != '#')
		end++;
	n = end - text;
	/* a prefix by itself is what nearly all lines are */
	if (!n || feed_take_extent(feed, text, n, &entry))
		return;
	/* behind ; is a comment, or the next prefix */
	if (feed_is_list(text, n)) {
		feed_emit_list(feed, text, n, &entry);
		return;
	}
	end = memchr(text, ';', n);
	n = end ? (size_t)(end - text) : n;
	feed_trim(&text, &n);
	if (!n || feed_take_extent(feed, text, n, &entry))
		return;
	if (feed_is_list(text, n))
		feed_emit_list(feed, text, n, &entry);
	else
		feed_bad(feed, entry.line, text, n,
			 feed_list_of(text, n) == FEED_LIST_UNSURE ?
				 "may be a range, or two addresses; write FROM-TO, or one a line" :
				 "is not a prefix");
}

void feed_drop_text_line(struct feed *feed, const char *text, size_t n)
{
	struct feed_entry entry = {.line = feed->lines};
	const char *end = text + n, *behind = text, *word;
	char ticket[REASON_TEXT_MAX];

	if (!feed_is_significant(text, n))
		return;
	while (behind < end && *behind != '#' && *behind != ';')
		behind++;
	if (!feed_take_prefix(feed, text, behind - text, &entry))
		return;
	word = behind + (behind < end);
	while (word < end && feed_is_blank(*word))
		word++;
	for (n = 0; word + n < end && !feed_is_blank(word[n]); n++)
		;
	/* behind # is a remark of whoever passed the list on */
	if (behind < end && *behind == ';')
		entry.ticket = feed_clean(word, n, ticket, sizeof(ticket));
	feed_emit(feed, &entry);
}
