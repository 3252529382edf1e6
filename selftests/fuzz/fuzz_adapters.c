// SPDX-License-Identifier: GPL-2.0-only
/* What adapters read. The first byte of an input below 128 is the size of the pieces that decisions of
 * a CrowdSec LAPI are cut into: what comes out does not depend on the cuts. Another one selects the
 * format of a log, whose lines are read. Prefixes can be written and read again.
 */
#include "fuzz.h"

#include "adapters/crowdsec/stream.h"
#include "adapters/follow/event.h"

struct heard {
	uint64_t hash, count;
};

static void note(struct heard *heard, const void *data, size_t bytes)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < bytes; i++)
		heard->hash = (heard->hash ^ p[i]) * 0x100000001b3ULL;
}

static int on_decision(const struct stream_decision *decision, void *data)
{
	char text[PREFIX_TEXT_MAX];
	struct heard *heard = data;
	struct set_key again;

	set_key_format(&decision->key, text);
	promise(!set_key_parse(text, &again) && set_key_equal(&again, &decision->key),
		"%s is read as another", text);
	heard->count++;
	note(heard, text, strlen(text));
	note(heard, &decision->id, sizeof(decision->id));
	note(heard, &decision->for_ms, sizeof(decision->for_ms));
	note(heard, decision->origin, strlen(decision->origin));
	note(heard, decision->scenario, strlen(decision->scenario));
	return 0;
}

static int read_in(const char *text, size_t bytes, size_t piece, struct heard *heard)
{
	const struct stream_callbacks callbacks = {on_decision, heard};
	struct stream *stream = stream_open(&callbacks);
	int err = 0;

	*heard = (struct heard){};
	for (size_t i = 0; i < bytes && !err; i += piece)
		err = stream_text(stream, text + i, piece < bytes - i ? piece : bytes - i);
	promise(!err || stream_end(stream) == err, "an error was forgotten");
	err = stream_end(stream);
	stream_close(stream);
	return err;
}

static void read_log(const char *text, size_t bytes, enum event_format format)
{
	struct event_reader reader;
	struct event event;
	struct set_key again;
	char key[PREFIX_TEXT_MAX];

	event_reader_begin(&reader, format);
	while (bytes) {
		const char *end = memchr(text, '\n', bytes);
		size_t n = end ? (size_t)(end - text) : bytes;
		char *line = (char *)exact_copy(text, n);

		if (event_read(&reader, line, n, &event) == 1) {
			set_key_format(&event.source, key);
			promise(!set_key_parse(key, &again) && set_key_equal(&again, &event.source),
				"%s is read as another", key);
			promise(strlen(event.signature) < EVENT_TEXT_MAX && event.time_ms >= 0,
				"a time before 1970");
		}
		free(line);
		n += end != NULL;
		text += n;
		bytes -= n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct heard whole, cut;

	if (!bytes)
		return 0;
	if (data[0] & 0x80) {
		read_log((const char *)data + 1, bytes - 1, data[0] & 1);
		return 0;
	}
	promise(read_in((const char *)data + 1, bytes - 1, bytes, &whole) ==
				read_in((const char *)data + 1, bytes - 1, 1 + data[0], &cut) &&
			whole.hash == cut.hash && whole.count == cut.count,
		"it depends on the cuts");
	return 0;
}
