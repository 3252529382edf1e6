// SPDX-License-Identifier: GPL-2.0-only
#include "source_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packets_wait.h"

_Static_assert(S64_PREFIX_LENGTH_MIN >= 16, "a prefix lies in one entry of the source index");

/* The first pages are shared: page (flags - 1) is that of all entries with the same flags
 * throughout, so such an entry is its flags. Everything outside 2000::/3 is special; link-local
 * alone has 64 entries, each covered by one rule as a whole.
 */
#define FIRST_OWN_PAGE S64_SOURCE_INDEX_ALL

static struct s64_source_index_page *page_at(const struct source_index *source_index, uint8_t entry)
{
	return &source_index->maps->index_page[entry - 1];
}

static uint8_t ordinary(unsigned int upper)
{
	return upper >> 13 == 1 ? 0 : S64_SOURCE_INDEX_SPECIAL;
}

static bool is_own_page(uint8_t entry)
{
	return entry > FIRST_OWN_PAGE && entry != S64_SOURCE_INDEX_NO_PAGE;
}

/* --- pages --- */

static int find_page(const struct source_index *source_index, enum source_index_page_state state)
{
	for (int i = FIRST_OWN_PAGE; i < S64_SOURCE_INDEX_PAGES; i++)
		if (source_index->page_state[i] == state)
			return i;
	return -1;
}

static void change_state(struct source_index *source_index, enum source_index_page_state from,
			 enum source_index_page_state to)
{
	for (int i = FIRST_OWN_PAGE; i < S64_SOURCE_INDEX_PAGES; i++)
		if (source_index->page_state[i] == from)
			source_index->page_state[i] = to;
}

bool source_index_wait_begins(struct source_index *source_index)
{
	change_state(source_index, SOURCE_INDEX_PAGE_RETIRED, SOURCE_INDEX_PAGE_WAITED_FOR);
	return find_page(source_index, SOURCE_INDEX_PAGE_WAITED_FOR) >= 0;
}

void source_index_wait_is_over(struct source_index *source_index)
{
	change_state(source_index, SOURCE_INDEX_PAGE_WAITED_FOR, SOURCE_INDEX_PAGE_FREE);
}

/* -1 if there is none left, or none that no packet uses. At a start, which nobody else waits for,
 * packets in flight are waited for here: they may hold entries that led to the retired pages.
 */
static int take_page(struct source_index *source_index)
{
	int page = find_page(source_index, SOURCE_INDEX_PAGE_FREE);

	if (page < 0 && !source_index->pruned && source_index_wait_begins(source_index)) {
		packets_wait();
		source_index_wait_is_over(source_index);
		page = find_page(source_index, SOURCE_INDEX_PAGE_FREE);
	}
	if (page >= 0)
		source_index->page_state[page] = SOURCE_INDEX_PAGE_USED;
	return page;
}

/* Gives the 65536 entries that start with `upper` a page of their own, with the same content. NULL
 * if no page is left; then any rule may apply.
 */
static struct s64_source_index_page *own_page(struct source_index *source_index, unsigned int upper)
{
	__u8 *entry = &source_index->maps->index->entry[upper];
	struct s64_source_index_page *page;
	int number;

	if (*entry == S64_SOURCE_INDEX_NO_PAGE)
		return NULL;
	if (is_own_page(*entry))
		return page_at(source_index, *entry);
	number = take_page(source_index);
	if (number < 0) {
		S64_WRITE_ONCE(*entry, S64_SOURCE_INDEX_NO_PAGE);
		source_index->waiting++;
		return NULL;
	}
	page = &source_index->maps->index_page[number];
	if (S64_MISTAKE(SOURCE_INDEX_PAGE))
		S64_STORE_RELEASE(*entry, number + 1);
	S64_FILL(page->flags, *entry, sizeof(page->flags));
	S64_STORE_RELEASE(*entry, number + 1);
	return page;
}

/* The entries of a prefix: those that start with upper[0..1], and in each of these second[0..1]. */
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

static bool is_whole(const struct span *span)
{
	return span->second[0] == 0 && span->second[1] == S64_SOURCE_INDEX_ENTRIES - 1;
}

static void set_flag(struct source_index *source_index, uint64_t hi, unsigned int length,
		     uint8_t flag)
{
	struct span span = span_of(hi, length);

	for (unsigned int upper = span.upper[0]; upper <= span.upper[1]; upper++) {
		__u8 *entry = &source_index->maps->index->entry[upper];
		struct s64_source_index_page *page;

		/* needs no page, because it is special anyway, or covered by one rule as a whole */
		if (flag == S64_SOURCE_INDEX_SPECIAL && ordinary(upper))
			continue;
		if (*entry <= FIRST_OWN_PAGE && flag != S64_SOURCE_INDEX_PREFIXES &&
		    is_whole(&span)) {
			S64_STORE_RELEASE(*entry, *entry | flag);
			continue;
		}
		page = own_page(source_index, upper);
		for (unsigned int i = span.second[0]; page && i <= span.second[1]; i++)
			if ((page->flags[i] & flag) != flag)
				S64_WRITE_ONCE(page->flags[i], page->flags[i] | flag);
	}
}

static unsigned int mask_length(uint64_t mask)
{
	return __builtin_popcountll(mask);
}

static void open_rules(struct source_index *source_index, const struct s64_source_rule *set)
{
	for (int i = 0; i < S64_SOURCE_RULES_MAX && set[i].used; i++)
		set_flag(source_index, set[i].hi, mask_length(set[i].hi_mask),
			 S64_SOURCE_INDEX_RULE);
}

void source_index_open(struct source_index *source_index)
{
	const struct maps *maps = source_index->maps;

	for (int i = 0; i < S64_SPECIAL_MAX && maps->special[i].hi_mask; i++)
		set_flag(source_index, maps->special[i].hi, mask_length(maps->special[i].hi_mask),
			 S64_SOURCE_INDEX_SPECIAL);
	open_rules(source_index, maps->rules->set[0]);
	open_rules(source_index, maps->rules->set[1]);
}

static uint32_t *count_at(struct source_index *source_index, unsigned int upper, bool make)
{
	uint8_t entry = source_index->maps->index->entry[upper];
	uint32_t **counts;

	if (!is_own_page(entry))
		return NULL;
	counts = &source_index->prefixes[entry - 1];
	if (!*counts && make)
		*counts = calloc(S64_SOURCE_INDEX_ENTRIES, sizeof(**counts));
	return *counts;
}

int source_index_add(struct source_index *source_index, const struct prefix *prefix)
{
	struct span span = span_of(prefix_hi(prefix), prefix->length);
	int err = 0;

	set_flag(source_index, prefix_hi(prefix), prefix->length, S64_SOURCE_INDEX_PREFIXES);
	for (unsigned int upper = span.upper[0]; upper <= span.upper[1]; upper++) {
		uint32_t *count = count_at(source_index, upper, true);

		if (source_index->touched)
			source_index->touched[upper]++;
		if (!count && source_index->maps->index->entry[upper] != S64_SOURCE_INDEX_NO_PAGE)
			err = -ENOMEM;
		for (unsigned int i = span.second[0]; count && i <= span.second[1]; i++)
			count[i]++;
	}
	return err;
}

/* The flags of an entry without its prefixes, if they are the same throughout; otherwise more than
 * S64_SOURCE_INDEX_ALL.
 */
static unsigned int flags_throughout(const struct source_index *source_index, unsigned int upper)
{
	const struct maps *maps = source_index->maps;
	uint64_t address = (uint64_t)upper << 48, first = 0xffffULL << 48;
	unsigned int flags = ordinary(upper);

	for (int i = 0; !ordinary(upper) && i < S64_SPECIAL_MAX && maps->special[i].hi_mask; i++) {
		const struct s64_special *special = &maps->special[i];

		if (!((address ^ special->hi) & special->hi_mask & first))
			flags |= special->hi_mask & ~first ? S64_SOURCE_INDEX_NO_PAGE :
							     S64_SOURCE_INDEX_SPECIAL;
	}
	for (int set = 0; set < 2; set++)
		for (int i = 0; i < S64_SOURCE_RULES_MAX && maps->rules->set[set][i].used; i++) {
			const struct s64_source_rule *rule = &maps->rules->set[set][i];

			if (!((address ^ rule->hi) & rule->hi_mask & first))
				flags |= rule->hi_mask & ~first ? S64_SOURCE_INDEX_NO_PAGE :
								  S64_SOURCE_INDEX_RULE;
		}
	return flags;
}

/* If an entry needs no page any more, gives it back, or stops waiting for one. */
static void give_back(struct source_index *source_index, unsigned int upper)
{
	__u8 *entry = &source_index->maps->index->entry[upper];
	unsigned int was = *entry, flags;

	if (was == ordinary(upper) || !source_index->touched || source_index->touched[upper])
		return;
	flags = flags_throughout(source_index, upper);
	if (flags > S64_SOURCE_INDEX_ALL || flags == was)
		return;
	S64_STORE_RELEASE(*entry, flags);
	if (was == S64_SOURCE_INDEX_NO_PAGE) {
		source_index->waiting--;
	} else if (is_own_page(was)) {
		source_index->page_state[was - 1] = SOURCE_INDEX_PAGE_RETIRED;
		free(source_index->prefixes[was - 1]);
		source_index->prefixes[was - 1] = NULL;
	}
}

void source_index_remove(struct source_index *source_index, const struct prefix *prefix)
{
	struct span span = span_of(prefix_hi(prefix), prefix->length);

	for (unsigned int upper = span.upper[0]; upper <= span.upper[1]; upper++) {
		uint32_t *count = count_at(source_index, upper, false);

		for (unsigned int i = span.second[0]; count && i <= span.second[1]; i++) {
			struct s64_source_index_page *page =
				page_at(source_index, source_index->maps->index->entry[upper]);

			if (count[i] && (!--count[i] || S64_MISTAKE(SOURCE_INDEX_COUNT)))
				S64_WRITE_ONCE(page->flags[i],
					       page->flags[i] & ~S64_SOURCE_INDEX_PREFIXES);
		}
		if (source_index->touched && source_index->touched[upper] &&
		    !--source_index->touched[upper] && source_index->pruned)
			give_back(source_index, upper);
	}
}

/* The 65536 entries that start with `upper`: which of them a rule covers, and its flags. */
struct flagged {
	struct span span;
	uint8_t flag;
};

#define FLAGGED_MAX (S64_SPECIAL_MAX + 2 * S64_SOURCE_RULES_MAX)

/* Compared by bits and not by the ends of a span: if they are equal, gcc 14 with -O2 and
 * _FORTIFY_SOURCE assumes that they never are.
 */
static bool lies_within(unsigned int upper, uint64_t hi, unsigned int length)
{
	return !((upper ^ hi >> 48) >> (length < 16 ? 16 - length : 0));
}

static unsigned int flag_spans(const struct source_index *source_index, unsigned int upper,
			       struct flagged flagged[FLAGGED_MAX])
{
	const struct maps *maps = source_index->maps;
	struct span span;
	unsigned int n = 0;

	for (int i = 0; i < S64_SPECIAL_MAX && maps->special[i].hi_mask; i++) {
		unsigned int length = mask_length(maps->special[i].hi_mask);

		span = span_of(maps->special[i].hi, length);
		if (lies_within(upper, maps->special[i].hi, length))
			flagged[n++] = (struct flagged){span, S64_SOURCE_INDEX_SPECIAL};
	}
	for (int set = 0; set < 2; set++)
		for (int i = 0; i < S64_SOURCE_RULES_MAX && maps->rules->set[set][i].used; i++) {
			const struct s64_source_rule *rule = &maps->rules->set[set][i];

			span = span_of(rule->hi, mask_length(rule->hi_mask));
			if (lies_within(upper, rule->hi, mask_length(rule->hi_mask)))
				flagged[n++] = (struct flagged){span, S64_SOURCE_INDEX_RULE};
		}
	return n;
}

/* Clears flags that nothing needs any more. An entry without flags has nothing to clear. */
static void prune_page(struct source_index *source_index, unsigned int upper,
		       struct s64_source_index_page *page)
{
	const uint32_t *count = count_at(source_index, upper, false);
	struct flagged flagged[FLAGGED_MAX];
	unsigned int n = flag_spans(source_index, upper, flagged);
	uint8_t flags;

	for (unsigned int i = 0; i < S64_SOURCE_INDEX_ENTRIES; i++) {
		if (!page->flags[i])
			continue;
		flags = ordinary(upper);
		if (count && count[i])
			flags |= S64_SOURCE_INDEX_PREFIXES;
		for (unsigned int k = 0; k < n; k++)
			if (flagged[k].span.second[0] <= i && i <= flagged[k].span.second[1])
				flags |= flagged[k].flag;
		if (flags != page->flags[i])
			S64_WRITE_ONCE(page->flags[i], flags);
	}
}

void source_index_prune(struct source_index *source_index, const struct pace *pace)
{
	source_index->pruned = true;
	for (unsigned int upper = 0; upper < S64_SOURCE_INDEX_ENTRIES; upper++) {
		uint8_t entry;

		give_back(source_index, upper);
		entry = source_index->maps->index->entry[upper];
		if (!is_own_page(entry))
			continue;
		prune_page(source_index, upper, page_at(source_index, entry));
		pace_breathe(pace);
	}
}

/* --- waiting for a page --- */

static void add_span(struct s64_source_index_page *page, uint32_t *count, uint64_t hi,
		     unsigned int length, unsigned int upper, uint8_t flag)
{
	struct span span = span_of(hi, length);

	if (!lies_within(upper, hi, length))
		return;
	for (unsigned int i = span.second[0]; i <= span.second[1]; i++) {
		S64_WRITE_ONCE(page->flags[i], page->flags[i] | flag);
		if (count)
			count[i]++;
	}
}

/* Fills a page that no entry leads to yet. */
static void fill_page(const struct source_index *source_index, struct s64_source_index_page *page,
		      uint32_t *count, unsigned int upper, source_index_next_t next, void *data)
{
	const struct maps *maps = source_index->maps;
	struct prefix start = prefix_of_bits((uint64_t)upper << 48, 0, 128);
	const struct prefix *prefix = &start;

	S64_FILL(page->flags, ordinary(upper) ? S64_SOURCE_INDEX_SPECIAL : 0, sizeof(page->flags));
	for (int i = 0; i < S64_SPECIAL_MAX && maps->special[i].hi_mask; i++)
		add_span(page, NULL, maps->special[i].hi, mask_length(maps->special[i].hi_mask),
			 upper, S64_SOURCE_INDEX_SPECIAL);
	for (int set = 0; set < 2; set++)
		for (int i = 0; i < S64_SOURCE_RULES_MAX && maps->rules->set[set][i].used; i++)
			add_span(page, NULL, maps->rules->set[set][i].hi,
				 mask_length(maps->rules->set[set][i].hi_mask), upper,
				 S64_SOURCE_INDEX_RULE);
	/* none is shorter than S64_PREFIX_LENGTH_MIN, so they all start within it */
	start.length = 0;
	while ((prefix = next(data, prefix)) && prefix_hi(prefix) >> 48 == upper)
		add_span(page, count, prefix_hi(prefix), prefix->length, upper,
			 S64_SOURCE_INDEX_PREFIXES);
}

static bool promote(struct source_index *source_index, unsigned int upper, source_index_next_t next,
		    void *data)
{
	uint32_t *count = calloc(S64_SOURCE_INDEX_ENTRIES, sizeof(*count));
	int page = count ? take_page(source_index) : -1;

	if (page < 0) {
		free(count);
		return false;
	}
	fill_page(source_index, &source_index->maps->index_page[page], count, upper, next, data);
	free(source_index->prefixes[page]);
	source_index->prefixes[page] = count;
	source_index->waiting--;
	S64_STORE_RELEASE(source_index->maps->index->entry[upper], page + 1);
	return true;
}

void source_index_promote(struct source_index *source_index, source_index_next_t next, void *data,
			  const struct pace *pace)
{
	for (unsigned int upper = 0;
	     source_index->pruned && source_index->waiting && upper < S64_SOURCE_INDEX_ENTRIES;
	     upper++) {
		if (find_page(source_index, SOURCE_INDEX_PAGE_FREE) < 0)
			return;
		if (source_index->maps->index->entry[upper] != S64_SOURCE_INDEX_NO_PAGE)
			continue;
		if (!promote(source_index, upper, next, data))
			return;
		pace_breathe(pace);
	}
}

/* --- start and end --- */

void source_index_init(struct source_index *source_index, const struct maps *maps)
{
	__u8 *entry = maps->index->entry;
	bool found = entry[0]; /* outside 2000::/3: never 0 in maps that were in use */

	memset(source_index, 0, sizeof(*source_index));
	source_index->maps = maps;
	source_index->touched = calloc(S64_SOURCE_INDEX_ENTRIES, sizeof(*source_index->touched));
	for (int i = 0; i < FIRST_OWN_PAGE; i++)
		memset(maps->index_page[i].flags, i + 1, S64_SOURCE_INDEX_ENTRIES);
	for (unsigned int i = 0; i < S64_SOURCE_INDEX_ENTRIES; i++) {
		if (!entry[i])
			S64_WRITE_ONCE(entry[i], ordinary(i));
		else if (entry[i] == S64_SOURCE_INDEX_NO_PAGE)
			source_index->waiting++;
		else if (is_own_page(entry[i]) && entry[i] <= S64_SOURCE_INDEX_PAGES)
			source_index->page_state[entry[i] - 1] = SOURCE_INDEX_PAGE_USED;
	}
	/* the previous owner may have given back any of the others just now */
	for (int i = FIRST_OWN_PAGE; i < S64_SOURCE_INDEX_PAGES; i++)
		if (source_index->page_state[i] == SOURCE_INDEX_PAGE_FREE && found)
			source_index->page_state[i] = SOURCE_INDEX_PAGE_RETIRED;
}

void source_index_free(struct source_index *source_index)
{
	for (int i = 0; i < S64_SOURCE_INDEX_PAGES; i++)
		free(source_index->prefixes[i]);
	free(source_index->touched);
	memset(source_index, 0, sizeof(*source_index));
}
