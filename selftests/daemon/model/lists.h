/* SPDX-License-Identifier: GPL-2.0-only */
/* A published list: its entries, its text in each format, and the expected result. */
#ifndef SLASH64_MODEL_LISTS_H
#define SLASH64_MODEL_LISTS_H

#include "model.h"

#define ENTRIES_MAX 96
#define TEXT_BYTES  65536

enum format {
	PLAIN,
	CSV,
	DROP,
	DROP_TEXT,
	EVE,
	CROWDSEC,
	DECISIONS,
	ABUSEIPDB,
	STIX,
	SLASH64,
	FORMATS
};

extern const char *const format_names[];

/* A line of a list. */
struct entry {
	const char *text;
	bool throttle, removes, is_allow, is_iface;
	uint32_t rate, burst;
	int64_t span_s; /* 0: as the import says */
	struct prefix prefix, said;
	bool refused;
};

struct list {
	struct entry entry[ENTRIES_MAX];
	unsigned int count;
	enum format format;
	const char *origin;
	bool replace, strict, force, dry_run, is_feed, is_cut;
	int64_t span_s;
	unsigned int number; /* distinguishes its text from that of any other list */
	unsigned int problems, ignored;
	bool any_taken;
	char text[TEXT_BYTES];
	size_t bytes;
};

extern struct list list;

void list_draw(struct chance *chance);
void list_draw_entry(struct chance *chance, struct entry *entry);
bool list_is_refused(const struct entry *entry);
/* list_text.c: writes it into list.text */
void list_write(void);
/* The expected result, which becomes model->next. */
enum refusal list_expect(void);
/* A description. */
const char *list_says(void);

/* steps_import.c: begins an import; id: of 64 bytes */
void import_begin(const char *uri, char *id);
/* a piece, and everything behind it */
void import_send(struct chance *chance, const char *id, const char *text, size_t bytes);

#endif
