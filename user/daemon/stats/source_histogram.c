// SPDX-License-Identifier: GPL-2.0-only
#include "source_histogram.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <slash64/hash.h>

#include "daemon/store/log/audit_log.h"
#include "policy/names.h"

#define ALL	      S64_CLASS_COUNT
#define WINDOW_MS     1000
#define WINDOW_SETS   1024
#define WINDOW_SET    8 /* entries; the least is counted at once if another needs its place */
#define WINDOW_SIZE   (WINDOW_SETS * WINDOW_SET)
#define DAY_S	      86400
#define HALF_A_DAY_S  (DAY_S / 2)
#define REGISTERS     STORE_HISTOGRAM_SKETCH
#define REGISTER_BITS 6
#define ALPHA	      0.709 /* of 64 registers */
#define SMALL	      2.5   /* times the registers: below, those that are 0 tell more */

_Static_assert(1 << REGISTER_BITS == REGISTERS, "a register by the low bits of a hash");

struct cell {
	uint8_t sketch[REGISTERS];
	uint64_t seconds;
	bool is_dirty;
};

struct day {
	int64_t day; /* since 1970; 0: unused */
	uint64_t seconds;
	int64_t since_s;
	bool is_dirty;
	struct cell cell[HISTOGRAM_CLASSES][HISTOGRAM_RATES];
};

/* Of a source and a class, in this window. */
struct entry {
	uint64_t key;
	uint32_t window, packets, samples;
	uint8_t class;
};

struct source_histogram {
	struct store *store;
	struct s64_seed seed;
	struct day day[HISTOGRAM_DAYS];
	int64_t today;
	struct day *current; /* it; NULL: no day has begun */
	int64_t none_after;  /* later days are no longer wanted in the store; 0: they stay */
	struct entry entry[WINDOW_SIZE];
	uint32_t used[WINDOW_SIZE];
	uint32_t count, window;
	uint64_t window_ms; /* it began then; 0: none has */
	double seconds;	    /* looked at, and not yet added to the day */
	unsigned int next;  /* cell to be looked at for writing */
};

/* 1, 2, 3, 4, 6, 8, 12 and so on. */
uint32_t source_histogram_bound(unsigned int rate)
{
	if (!rate)
		return 1;
	return rate % 2 ? 1U << (rate + 1) / 2 : 3U << (rate / 2 - 1);
}

static unsigned int rate_of(double packets_per_second)
{
	unsigned int rate = 0;

	while (rate + 1 < HISTOGRAM_RATES && packets_per_second >= source_histogram_bound(rate + 1))
		rate++;
	return rate;
}

/* --- sources, counted --- */

static void sketch_add(uint8_t sketch[REGISTERS], uint64_t hash)
{
	uint64_t rest = hash >> REGISTER_BITS;
	uint8_t rank = rest ? __builtin_ctzll(rest) + 1 : 64 - REGISTER_BITS + 1;
	uint8_t *of = &sketch[hash % REGISTERS];

	if (*of < rank)
		*of = rank;
}

static double sketch_count(const uint8_t sketch[REGISTERS])
{
	unsigned int zeros = 0;
	double sum = 0, count;

	for (int i = 0; i < REGISTERS; i++) {
		zeros += !sketch[i];
		sum += ldexp(1, -sketch[i]);
	}
	count = ALPHA * REGISTERS * REGISTERS / sum;
	return count <= SMALL * REGISTERS && zeros ? REGISTERS * log((double)REGISTERS / zeros) :
						     count;
}

/* --- a window --- */

static void count_entry(struct source_histogram *histogram, const struct entry *entry,
			double seconds)
{
	struct day *day = histogram->current;
	/* a single sample of many packets says that there was one */
	double packets = entry->samples == 1 ? 1 : entry->packets;
	struct cell *cell = &day->cell[entry->class][rate_of(packets / seconds)];

	sketch_add(cell->sketch, s64_hash64(entry->key, &histogram->seed));
	cell->seconds++;
	cell->is_dirty = true;
}

static struct entry *take_entry(struct source_histogram *histogram, uint64_t key, uint8_t class)
{
	uint64_t hash = s64_hash64(key + class, &histogram->seed);
	struct entry *set = &histogram->entry[hash % WINDOW_SETS * WINDOW_SET], *least = set;

	for (int i = 0; i < WINDOW_SET; i++) {
		if (set[i].window != histogram->window) {
			if (least->window == histogram->window)
				least = &set[i];
			continue;
		}
		if (set[i].key == key && set[i].class == class)
			return &set[i];
		if (least->window == histogram->window && set[i].packets < least->packets)
			least = &set[i];
	}
	if (least->window == histogram->window)
		count_entry(histogram, least, 1);
	else
		histogram->used[histogram->count++] = least - histogram->entry;
	*least = (struct entry){.key = key, .class = class, .window = histogram->window};
	return least;
}

static void add(struct source_histogram *histogram, const struct s64_sample *sample, uint8_t class)
{
	struct entry *entry = take_entry(histogram, sample->src_key, class);

	entry->packets += sample->weight;
	entry->samples += sample->weight > 1 ? 1 : 2; /* each packet was one: it is exact */
}

static bool is_by_hand(uint8_t reason)
{
	return reason == S64_REASON_BLOCKED || reason == S64_REASON_BLOCKED_PREFIX ||
	       reason == S64_REASON_THROTTLED;
}

void source_histogram_feed(struct source_histogram *histogram, const struct s64_sample *sample)
{
	if (!histogram->current || !sample->src_key || sample->class <= S64_CLASS_IPV4 ||
	    sample->class >= S64_CLASS_COUNT || is_by_hand(sample->reason & ~S64_SAMPLE_MONITORED))
		return;
	add(histogram, sample, sample->class);
	add(histogram, sample, ALL);
}

/* --- days ---
 *
 * The clock may be wrong: before it is set, a start may be in 1970 or in 2036. So no day is
 * forgotten because of its age, but the oldest when there is one too many; and one that has still to
 * come, when the clock has gone its way for half a day.
 */

static struct day *find_day(struct source_histogram *histogram, int64_t number)
{
	for (int i = 0; i < HISTOGRAM_DAYS; i++)
		if (histogram->day[i].day == number)
			return &histogram->day[i];
	return NULL;
}

/* An unused place, or the oldest day. */
static struct day *oldest_day(struct source_histogram *histogram)
{
	struct day *oldest = histogram->day;

	for (int i = 1; i < HISTOGRAM_DAYS; i++)
		if (histogram->day[i].day < oldest->day)
			oldest = &histogram->day[i];
	return oldest;
}

static void forget_days_to_come(struct source_histogram *histogram, int64_t today)
{
	for (int i = 0; i < HISTOGRAM_DAYS; i++)
		if (histogram->day[i].day > today)
			memset(&histogram->day[i], 0, sizeof(histogram->day[i]));
	histogram->none_after = today;
}

static void begin_day(struct source_histogram *histogram, int64_t wall_s)
{
	int64_t today = wall_s / DAY_S;
	struct day *day = find_day(histogram, today);

	if (histogram->current && today == histogram->today + 1 &&
	    histogram->current->seconds >= HALF_A_DAY_S)
		forget_days_to_come(histogram, today);
	histogram->today = today;
	if (!day) {
		day = oldest_day(histogram);
		memset(day, 0, sizeof(*day));
		day->day = today;
		day->since_s = wall_s;
	}
	histogram->current = day;
}

void source_histogram_tick(struct source_histogram *histogram, uint64_t now_ms, int64_t wall_s)
{
	double seconds = (now_ms - histogram->window_ms) / 1000.0;
	struct day *day;

	if (wall_s < DAY_S)
		return;
	if (!histogram->window_ms) {
		histogram->window_ms = now_ms;
		begin_day(histogram, wall_s);
		return;
	}
	if (now_ms - histogram->window_ms < WINDOW_MS)
		return;
	for (uint32_t i = 0; i < histogram->count; i++)
		count_entry(histogram, &histogram->entry[histogram->used[i]], seconds);
	histogram->count = 0;
	histogram->window++;
	histogram->window_ms = now_ms;
	day = histogram->current;
	histogram->seconds += seconds;
	day->seconds += (uint64_t)histogram->seconds;
	histogram->seconds -= (uint64_t)histogram->seconds;
	day->is_dirty = true;
	begin_day(histogram, wall_s);
}

static bool counts(const struct source_histogram *histogram, const struct day *day)
{
	return day->day && day->day > histogram->today - HISTOGRAM_DAYS &&
	       day->day <= histogram->today;
}

void source_histogram_counts(const struct source_histogram *histogram, unsigned int class,
			     struct source_histogram_count count[HISTOGRAM_RATES])
{
	uint8_t sketch[REGISTERS] = {};
	uint64_t seconds = 0;

	for (unsigned int rate = HISTOGRAM_RATES; rate-- > 0;) {
		for (int i = 0; i < HISTOGRAM_DAYS; i++) {
			const struct cell *cell = &histogram->day[i].cell[class][rate];

			if (!counts(histogram, &histogram->day[i]))
				continue;
			seconds += cell->seconds;
			for (int r = 0; r < REGISTERS; r++)
				if (sketch[r] < cell->sketch[r])
					sketch[r] = cell->sketch[r];
		}
		count[rate] = (struct source_histogram_count){sketch_count(sketch), seconds};
	}
}

uint64_t source_histogram_seconds(const struct source_histogram *histogram, int64_t *since_s)
{
	uint64_t seconds = 0;

	*since_s = 0;
	for (int i = 0; i < HISTOGRAM_DAYS; i++) {
		const struct day *day = &histogram->day[i];

		if (!counts(histogram, day) || !day->seconds)
			continue;
		seconds += day->seconds;
		if (!*since_s || day->since_s < *since_s)
			*since_s = day->since_s;
	}
	return seconds;
}

/* --- in the store --- */

#define CELLS (HISTOGRAM_DAYS * HISTOGRAM_CLASSES * HISTOGRAM_RATES)

static const char *class_name(unsigned int class)
{
	return class == ALL ? "" : class_info(class)->name;
}

static int write_cell(struct source_histogram *histogram, unsigned int number, struct error *error)
{
	unsigned int rate = number % HISTOGRAM_RATES,
		     class = number / HISTOGRAM_RATES % HISTOGRAM_CLASSES;
	struct day *day = &histogram->day[number / HISTOGRAM_RATES / HISTOGRAM_CLASSES];
	struct cell *cell = &day->cell[class][rate];
	int err;

	if (!cell->is_dirty || !counts(histogram, day))
		return 0;
	err = store_histogram_put(histogram->store,
				  &(struct store_histogram){.day = day->day,
							    .class = class_name(class),
							    .rate = rate,
							    .seconds = cell->seconds,
							    .sketch = cell->sketch},
				  error);
	if (err)
		return err;
	cell->is_dirty = false;
	return 1;
}

static int write_days(struct source_histogram *histogram, struct error *error)
{
	int err = 0;

	for (int i = 0; i < HISTOGRAM_DAYS && !err; i++) {
		struct day *day = &histogram->day[i];

		if (!day->is_dirty)
			continue;
		err = store_histogram_day_put(histogram->store, day->day, day->seconds,
					      day->since_s, error);
		if (!err)
			day->is_dirty = false;
	}
	return err;
}

/* What has no place in memory has none in the store. 1 if there may be more. */
static int prune(struct source_histogram *histogram, struct error *error)
{
	int64_t after = histogram->none_after ? histogram->none_after : INT64_MAX;
	int more =
		store_histogram_prune(histogram->store, oldest_day(histogram)->day, after, error);

	if (!more)
		histogram->none_after = 0;
	return more;
}

/* A commit that fails loses what a power cut would: what was counted since the last one. */
int source_histogram_write(struct source_histogram *histogram, unsigned int limit,
			   struct error *error)
{
	unsigned int written = 0;
	int wrote = 0, err = store_begin(histogram->store, error);

	if (err)
		return err;
	for (; histogram->next < CELLS && written < limit && wrote >= 0; histogram->next++) {
		wrote = write_cell(histogram, histogram->next, error);
		written += wrote > 0;
		if (wrote < 0)
			break;
	}
	err = wrote < 0 ? wrote : 0;
	if (!err && histogram->next == CELLS)
		err = write_days(histogram, error);
	if (!err && histogram->next == CELLS)
		wrote = prune(histogram, error);
	if (err || wrote < 0) {
		store_rollback(histogram->store);
		return err ? err : wrote;
	}
	err = store_commit(histogram->store, error);
	if (err)
		return err;
	if (histogram->next < CELLS || wrote > 0)
		return 1;
	histogram->next = 0;
	return 0;
}

static void take_row(const struct store_histogram *row, void *data)
{
	struct source_histogram *histogram = data;
	struct day *day;
	unsigned int class = 0;

	while (class < HISTOGRAM_CLASSES && strcmp(class_name(class), row->class))
		class ++;
	if (class == HISTOGRAM_CLASSES || row->day <= 0)
		return;
	day = find_day(histogram, row->day);
	if (!day)
		return;
	day->cell[class][row->rate].seconds = row->seconds;
	memcpy(day->cell[class][row->rate].sketch, row->sketch, REGISTERS);
}

/* The newest, if there are more than have a place. */
static void take_day(int64_t number, uint64_t seconds, int64_t since_s, void *data)
{
	struct source_histogram *histogram = data;
	struct day *day = oldest_day(histogram);

	if (number <= day->day)
		return;
	day->day = number;
	day->seconds = seconds;
	day->since_s = since_s;
}

/* Whoever knows it could make many sources look like one. */
static void make_seed(struct source_histogram *histogram, const char *identity)
{
	static const struct s64_seed any = {0x9e3779b97f4a7c15ULL,
					    {0xd6e8feb86659fd93ULL, 0xbf58476d1ce4e5b9ULL}};
	uint64_t hash = 0;

	for (; *identity; identity++)
		hash = s64_hash128(hash, *identity, &any);
	histogram->seed = any;
	histogram->seed.add = hash;
}

int source_histogram_open(struct source_histogram **out, struct store *store, struct error *error)
{
	void *memory = mmap(NULL, sizeof(struct source_histogram), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	struct source_histogram *histogram = memory;
	char identity[STORE_LOG_IDENTITY_MAX];
	int err;

	if (memory == MAP_FAILED)
		return error_set(error, -ENOMEM, "out of memory");
	histogram->store = store;
	histogram->window = 1;
	err = store_log_identity(store, identity, error);
	if (!err)
		make_seed(histogram, identity);
	if (!err)
		err = store_histogram_days(store, take_day, histogram, error);
	if (!err)
		err = store_histograms(store, take_row, histogram, error);
	if (err) {
		source_histogram_close(histogram);
		return err;
	}
	*out = histogram;
	return 0;
}

void source_histogram_close(struct source_histogram *histogram)
{
	if (histogram)
		munmap(histogram, sizeof(*histogram));
}
