// SPDX-License-Identifier: GPL-2.0-only
/* The decisions of a CrowdSec LAPI. The first byte of an input is the size of the pieces that the text
 * is cut into. What comes out does not depend on the cuts, and can be written and read again.
 */
#include "fuzz.h"

#include "adapters/crowdsec/stream.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct heard whole, cut;

	if (!bytes)
		return 0;
	promise(read_in((const char *)data + 1, bytes - 1, bytes, &whole) ==
				read_in((const char *)data + 1, bytes - 1, 1 + data[0], &cut) &&
			whole.hash == cut.hash && whole.count == cut.count,
		"it depends on the cuts");
	return 0;
}
