// SPDX-License-Identifier: GPL-2.0-only
/* Any file as the store: it is refused with a one-line error, or every row read from it is valid
 * for the maps and it can be written to.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <unistd.h>

#include "config/config.h"
#include "daemon/store/store.h"

#define FILE_NAME_MAX 256
#define ENDS_MAX      1000
#define ENDED_MS      1800000000000

static char directory[FILE_NAME_MAX - 32];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *parent = getenv("TMPDIR");

	snprintf(directory, sizeof(directory), "%s/store.XXXXXX", parent ? parent : "/tmp");
	promise(mkdtemp(directory), "cannot make %s", directory);
	return 0;
}

static void write_file(const uint8_t *data, size_t bytes)
{
	static const char *const others[] = {"-wal", "-shm", "-journal"};
	char path[FILE_NAME_MAX];
	int fd;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(path, sizeof(path), "%s/slash64.db%s", directory, others[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/slash64.db", directory);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	promise(fd >= 0 && write(fd, data, bytes) == (ssize_t)bytes, "cannot write %s", path);
	close(fd);
}

static bool check_row(const struct store_block *block, void *data)
{
	const struct prefix *p = &block->prefix;
	struct prefix cut;

	(void)data;
	promise(p->length <= 128, "length %u", p->length);
	cut = prefix_around(&p->address, p->length);
	promise(!prefix_compare(&cut, p), "bits behind the length %u", p->length);
	promise(block->origin, "a row without origin");
	promise(block->kind == STORE_BLOCK || (block->rate >= 1 && block->burst >= 1),
		"a throttle to %u packets per second", block->rate);
	return true;
}

static void check_rate(unsigned int number, uint32_t rate, uint32_t burst, void *data)
{
	/* the caller checks the number */
}

static void check_iface(const struct store_iface *iface, void *data)
{
	promise(iface->name && iface->name[0] && strlen(iface->name) < IF_NAMESIZE, "no name");
	promise(iface->mode >= MODE_AUTO && iface->mode <= MODE_GENERIC, "mode %d", iface->mode);
	promise(iface->filter >= -1 && iface->filter <= FILTER_MONITOR, "filter %d", iface->filter);
}

static bool check_end(const struct store_end *end, void *data)
{
	promise(end->until_ms > 0 && end->until_ms <= ENDED_MS, "it ends at %lld",
		(long long)end->until_ms);
	promise(end->prefix.length <= 128, "length %u", end->prefix.length);
	return true;
}

/* A failure set the error. */
static void said(int err, struct error *error)
{
	promise(err <= 0, "returned %d", err);
	if (err && err != -ENOENT)
		promise_one_line(error->text, sizeof(error->text));
	error->text[0] = '\0';
}

static void hits(const struct prefix *prefix, uint64_t *packets, uint32_t *last_hit, void *data)
{
	promise(prefix->length <= 128, "the hits of length %u", prefix->length);
	*packets = prefix->length;
	*last_hit = 1;
}

static void list(struct store *store, enum store_sort sort)
{
	struct store_filter filter = {
		.kind = -1, .limit = -1, .sort = sort, .hits = hits, .hits_min = 1};
	struct error error = {};
	struct store_list *rows;
	struct store_block block;
	int err = store_list_open(store, &filter, &rows, &error);

	said(err, &error);
	if (err)
		return;
	while ((err = store_list_next(rows, &block, &error)) == 1)
		check_row(&block, NULL);
	said(err, &error);
	store_list_close(rows);
}

static void use(struct store *store)
{
	struct store_block block = {.origin = "fuzz",
				    .prefix = prefix_of_bits(0x20010db800000001, 0, 64)};
	struct prefix within = prefix_of_bits(0x2001000000000000, 0, 16);
	struct store_end end = {};
	struct error error = {};

	said(store_blocks(store, check_row, NULL, &error), &error);
	said(store_allowlist(store, check_row, NULL, &error), &error);
	said(store_rates(store, check_rate, NULL, &error), &error);
	said(store_ifaces(store, check_iface, NULL, &error), &error);
	said(store_blocks_of_config(store, check_row, NULL, &error), &error);
	said(store_blocks_within(store, &within, check_row, NULL, &error), &error);
	list(store, SORT_PREFIX);
	list(store, SORT_HITS);
	said(store_block_put(store, &block, &error), &error);
	said(store_ends_after(store, &end, ENDED_MS, check_end, NULL, &error), &error);
	said(store_ends_remove(store, ENDED_MS, ENDS_MAX, &error) < 0 ? -1 : 0, &error);
	store_blocks_next_end(store);
	said(store_rate_prune(store, 0, &error) < 0 ? -1 : 0, &error);
	said(store_block_remove(store, &block.prefix, block.origin, &error), &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct error error = {};
	struct store *store;
	int err;

	write_file(data, bytes);
	err = store_open(&store, directory, &error);
	said(err, &error);
	if (err)
		return 0;
	said(store_complete(store, &error), &error);
	use(store);
	store_close(store);
	return 0;
}
