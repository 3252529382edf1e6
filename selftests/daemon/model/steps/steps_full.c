// SPDX-License-Identifier: GPL-2.0-only
/* A list that fills the table of sources as far as lists may, and is removed again. Changes by hand
 * still have room.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lists.h"

#define SURELY_FITS 700 /* in addition to the entries of all others */

/* 2001:db9:0:NUMBER::/64 */
static struct prefix source_of(unsigned int number)
{
	return (struct prefix){.address.s6_addr = {0x20, 0x01, 0x0d, 0xb9, 0, 0, number >> 8,
						   number & 0xff},
			       .length = 64};
}

int filler_number(const struct prefix *prefix)
{
	unsigned int number = prefix->address.s6_addr[6] << 8 | prefix->address.s6_addr[7];
	struct prefix src_key = source_of(number);

	return number < FILLER_MAX && !prefix_compare(&src_key, prefix) ? (int)number : -1;
}

static bool has(const struct ref_state *state, unsigned int number)
{
	return state->filler[number / 8] >> number % 8 & 1;
}

unsigned int filler_count(const struct ref_state *state)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < FILLER_MAX; i++)
		count += has(state, i);
	return count;
}

bool filler_is_any(const struct ref_state *state)
{
	static const unsigned char none[sizeof(state->filler)];

	return memcmp(state->filler, none, sizeof(none)) != 0;
}

bool filler_is_large(const struct ref_state *state)
{
	return filler_count(state) > SURELY_FITS;
}

static void check_source(unsigned int number)
{
	struct prefix src_key = source_of(number);

	check_is_blocked(&src_key, has(&model->now, number));
}

void filler_check(struct chance *chance, unsigned int sample)
{
	for (unsigned int i = 0; i < sample && i < FILLER_MAX; i++)
		check_source(sample < FILLER_MAX ? chance_below(chance, FILLER_MAX) : i);
}

/* --- the list --- */

static char *list_of(unsigned int count)
{
	char *text = malloc(count * PREFIX_TEXT_MAX + 1), *at = text;

	*at = '\0';
	for (unsigned int i = 0; i < count; i++) {
		struct prefix src_key = source_of(i);

		prefix_format(&src_key, at);
		at += strlen(at);
		*at++ = '\n';
		*at = '\0';
	}
	return text;
}

static void set_all(struct ref_state *state, unsigned int count)
{
	memset(state->filler, 0, sizeof(state->filler));
	for (unsigned int i = 0; i < count; i++)
		state->filler[i / 8] |= 1 << i % 8;
}

/* The model cannot know which entries find room: most do, and the maps match the store. */
static void take_what_fits(unsigned int count)
{
	check_read_filler(model->now.filler);
	if (filler_count(&model->now) < SURELY_FITS || filler_count(&model->now) > count)
		world_fail("store", "of a list of %u that does not fit, %u are taken", count,
			   filler_count(&model->now));
}

static bool run_fill(struct chance *chance)
{
	static const unsigned int counts[] = {40, SURELY_FITS, FILLER_MAX, FILLER_MAX};
	unsigned int count = counts[chance_below(chance, sizeof(counts) / sizeof(counts[0]))];
	char id[64], uri[128], *text;
	const struct answer *answer;

	if (filler_is_any(&model->now))
		return true;
	step_says("a list of %u sources", count);
	text = list_of(count);
	import_begin("/v1/imports?origin=filler&format=plain", id);
	import_send(chance, id, text, strlen(text));
	free(text);
	set_all(&model->next, count);
	snprintf(uri, sizeof(uri), "/v1/imports/commit?import=%s", id);
	if (count <= SURELY_FITS) {
		step_ask(chance, "POST", uri, NULL);
		return true;
	}
	answer = step_ask_calmly("POST", uri, NULL);
	if (answer->code == 200)
		take_what_fits(count);
	filler_check(chance, FILLER_MAX);
	return true;
}

static bool run_empty(struct chance *chance)
{
	if (!filler_is_any(&model->now))
		return true;
	step_says("the list of many is taken back");
	memset(model->next.filler, 0, sizeof(model->next.filler));
	step_ask(chance, "POST", "/v1/unblocks", "{\"origin\":\"filler\"}");
	filler_check(chance, FILLER_MAX);
	return true;
}

const struct step_kind full_steps[] = {
	{"fill the table", 1, run_fill, false},
	{"empty the table", 4, run_empty, false},
	{},
};
