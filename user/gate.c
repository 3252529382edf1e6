// SPDX-License-Identifier: GPL-2.0-only
#include "gate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Outside of 2000::/3 everything is special; the pages of all those share one. */
#define PAGE_ALL_SPECIAL 0
#define FIRST_OWN_PAGE	 1

static struct s64_gate_page *page_at(const struct gate *gate, uint8_t entry)
{
	return &gate->tables->gate_page[entry - 1];
}

static uint8_t ordinary(unsigned int upper)
{
	return upper >> 13 == 1 ? 0 : PAGE_ALL_SPECIAL + 1;
}

/* The page of its own for 65536 entries that start with `upper`, filled as what was in force before. NULL
 * where there is none left, and then anything may be there.
 */
static struct s64_gate_page *own_page(struct gate *gate, unsigned int upper)
{
	__u8 *entry = &gate->tables->gate->entry[upper];
	struct s64_gate_page *page;

	if (*entry == S64_GATE_NO_PAGE)
		return NULL;
	if (*entry > PAGE_ALL_SPECIAL + 1)
		return page_at(gate, *entry);
	if (gate->pages == S64_GATE_PAGES) {
		S64_WRITE_ONCE(*entry, S64_GATE_NO_PAGE);
		return NULL;
	}
	page = &gate->tables->gate_page[gate->pages];
	if (S64_MISTAKE(GATE_PAGE))
		S64_STORE_RELEASE(*entry, gate->pages + 1);
	S64_FILL(page->flags, *entry ? S64_GATE_SPECIAL : 0, sizeof(page->flags));
	S64_STORE_RELEASE(*entry, ++gate->pages);
	return page;
}

/* The entries of a prefix: those that start with upper[0..1], and of each of those second[0..1]. */
struct span {
	unsigned int upper[2], second[2];
};

static struct span span_of(uint64_t hi, unsigned int length)
{
	unsigned int upper = hi >> 48, second = hi >> 32 & 0xffff;
	struct span span = {{upper, upper}, {second, second}};

	if (length < 16)
		span.upper[1] |= 0xffff >> length;
	if (length < 32)
		span.second[1] |= length <= 16 ? 0xffff : 0xffff >> (length - 16);
	return span;
}

static void set_flag(struct gate *gate, uint64_t hi, unsigned int length, uint8_t flag)
{
	struct span span = span_of(hi, length);

	for (unsigned int upper = span.upper[0]; upper <= span.upper[1]; upper++) {
		struct s64_gate_page *page;

		/* what is special anyhow needs no page to say so */
		if (flag == S64_GATE_SPECIAL && ordinary(upper))
			continue;
		page = own_page(gate, upper);
		for (unsigned int i = span.second[0]; page && i <= span.second[1]; i++)
			if ((page->flags[i] & flag) != flag)
				S64_WRITE_ONCE(page->flags[i], page->flags[i] | flag);
	}
}

static unsigned int mask_length(uint64_t mask)
{
	return __builtin_popcountll(mask);
}

static void open_rules(struct gate *gate, const struct s64_site_rule *set)
{
	for (int i = 0; i < S64_SITE_RULES_MAX && set[i].used; i++)
		set_flag(gate, set[i].hi, mask_length(set[i].hi_mask), S64_GATE_SITE);
}

void gate_open(struct gate *gate)
{
	const struct tables *tables = gate->tables;

	for (int i = 0; i < S64_SPECIAL_MAX && tables->special[i].hi_mask; i++)
		set_flag(gate, tables->special[i].hi, mask_length(tables->special[i].hi_mask),
			 S64_GATE_SPECIAL);
	open_rules(gate, tables->rules->set[0]);
	open_rules(gate, tables->rules->set[1]);
}

static uint32_t *count_at(struct gate *gate, unsigned int upper, bool make)
{
	uint8_t entry = gate->tables->gate->entry[upper];
	uint32_t **counts;

	if (entry <= PAGE_ALL_SPECIAL + 1 || entry == S64_GATE_NO_PAGE)
		return NULL;
	counts = &gate->prefixes[entry - 1];
	if (!*counts && make)
		*counts = calloc(S64_GATE_ENTRIES, sizeof(**counts));
	return *counts;
}

int gate_add(struct gate *gate, const struct prefix *prefix)
{
	struct span span = span_of(prefix_hi(prefix), prefix->length);
	int err = 0;

	set_flag(gate, prefix_hi(prefix), prefix->length, S64_GATE_PREFIXES);
	for (unsigned int upper = span.upper[0]; upper <= span.upper[1]; upper++) {
		uint32_t *count = count_at(gate, upper, true);

		if (!count && gate->tables->gate->entry[upper] != S64_GATE_NO_PAGE)
			err = -ENOMEM;
		for (unsigned int i = span.second[0]; count && i <= span.second[1]; i++)
			count[i]++;
	}
	return err;
}

void gate_remove(struct gate *gate, const struct prefix *prefix)
{
	struct span span = span_of(prefix_hi(prefix), prefix->length);

	for (unsigned int upper = span.upper[0]; upper <= span.upper[1]; upper++) {
		uint32_t *count = count_at(gate, upper, false);
		struct s64_gate_page *page;

		if (!count)
			continue;
		page = page_at(gate, gate->tables->gate->entry[upper]);
		for (unsigned int i = span.second[0]; i <= span.second[1]; i++)
			if (count[i] && (!--count[i] || S64_MISTAKE(GATE_COUNT)))
				S64_WRITE_ONCE(page->flags[i], page->flags[i] & ~S64_GATE_PREFIXES);
	}
}

static bool touches(uint64_t hi, uint64_t mask, unsigned int upper, unsigned int second)
{
	uint64_t address = (uint64_t)upper << 48 | (uint64_t)second << 32;

	return ((address ^ hi) & mask & ~0xffffffffULL) == 0;
}

static uint8_t wanted_flags(const struct gate *gate, unsigned int upper, unsigned int second,
			    const uint32_t *count)
{
	const struct tables *tables = gate->tables;
	uint8_t flags = ordinary(upper) ? S64_GATE_SPECIAL : 0;

	for (int i = 0; i < S64_SPECIAL_MAX && tables->special[i].hi_mask; i++)
		if (touches(tables->special[i].hi, tables->special[i].hi_mask, upper, second))
			flags |= S64_GATE_SPECIAL;
	for (int set = 0; set < 2; set++)
		for (int i = 0; i < S64_SITE_RULES_MAX && tables->rules->set[set][i].used; i++)
			if (touches(tables->rules->set[set][i].hi, tables->rules->set[set][i].hi_mask,
				    upper, second))
				flags |= S64_GATE_SITE;
	return count && count[second] ? flags | S64_GATE_PREFIXES : flags;
}

void gate_settle(struct gate *gate)
{
	for (unsigned int upper = 0; upper < S64_GATE_ENTRIES; upper++) {
		uint8_t entry = gate->tables->gate->entry[upper];
		const uint32_t *count = count_at(gate, upper, false);
		struct s64_gate_page *page;

		if (entry <= PAGE_ALL_SPECIAL + 1 || entry == S64_GATE_NO_PAGE)
			continue;
		page = page_at(gate, entry);
		for (unsigned int i = 0; i < S64_GATE_ENTRIES; i++) {
			uint8_t flags;

			if (!page->flags[i])
				continue;
			flags = wanted_flags(gate, upper, i, count);
			if (flags != page->flags[i])
				S64_WRITE_ONCE(page->flags[i], flags);
		}
	}
}

void gate_init(struct gate *gate, const struct tables *tables)
{
	__u8 *entry = tables->gate->entry;

	memset(gate, 0, sizeof(*gate));
	gate->tables = tables;
	gate->pages = FIRST_OWN_PAGE;
	memset(tables->gate_page[PAGE_ALL_SPECIAL].flags, S64_GATE_SPECIAL, S64_GATE_ENTRIES);
	for (unsigned int i = 0; i < S64_GATE_ENTRIES; i++) {
		if (!entry[i])
			S64_WRITE_ONCE(entry[i], ordinary(i));
		else if (entry[i] != S64_GATE_NO_PAGE && entry[i] > gate->pages)
			gate->pages = entry[i];
	}
}

void gate_free(struct gate *gate)
{
	for (int i = 0; i < S64_GATE_PAGES; i++)
		free(gate->prefixes[i]);
	memset(gate, 0, sizeof(*gate));
}
