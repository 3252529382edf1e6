// SPDX-License-Identifier: GPL-2.0-only
#include "rings.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <slash64/maps.h>
#include <stdlib.h>
#include <string.h>

/* As much is sorted together; what does not fit waits in its ring. */
#define BATCH_BYTES  (8U << 20)
#define ALIGN_BYTES  8
#define RECORD_BYTES (sizeof(struct s64_capture_record) + S64_CAPTURE_BYTES_MAX + ALIGN_BYTES)

struct rings {
	struct ring_buffer **ring;
	size_t count, next; /* the one that is read first */
	char *batch;	    /* copies of records, one behind the other */
	size_t used;
	const struct s64_capture_record **sorted; /* into the batch */
	size_t records, room;
};

const struct s64_capture_record *rings_check(const void *data, size_t bytes)
{
	const struct s64_capture_record *record = data;

	if (bytes < sizeof(*record) || record->captured > bytes - sizeof(*record) ||
	    record->captured > record->length || record->verdict >= S64_VERDICT_COUNT ||
	    record->iface_slot >= S64_IFACES_MAX)
		return NULL;
	return record;
}

static int grow(struct rings *rings)
{
	size_t room = rings->room ? rings->room * 2 : 4096;
	void *sorted = realloc(rings->sorted, room * sizeof(*rings->sorted));

	if (!sorted)
		return -ENOMEM;
	rings->sorted = sorted;
	rings->room = room;
	return 0;
}

/* A negative value ends the reading of this ring. The record is taken out of it all the same, so it
 * has to be kept first.
 */
static int keep(void *data, void *found, size_t bytes)
{
	const struct s64_capture_record *record = rings_check(found, bytes);
	struct rings *rings = data;
	size_t length;

	if (!record || (rings->records == rings->room && grow(rings)))
		return 0;
	length = sizeof(*record) + record->captured;
	memcpy(rings->batch + rings->used, record, length);
	rings->sorted[rings->records++] = (void *)(rings->batch + rings->used);
	rings->used += (length + ALIGN_BYTES - 1) & ~(ALIGN_BYTES - 1UL);
	return rings->used + RECORD_BYTES > BATCH_BYTES ? -ENOSPC : 0;
}

int rings_open(const int *fd, size_t count, struct rings **out, struct error *error)
{
	struct rings *rings = calloc(1, sizeof(*rings));

	if (rings) {
		rings->batch = malloc(BATCH_BYTES);
		rings->ring = calloc(count, sizeof(*rings->ring));
	}
	if (!rings || !rings->batch || !rings->ring) {
		rings_close(rings);
		return error_set(error, -ENOMEM, "out of memory");
	}
	for (; rings->count < count; rings->count++) {
		rings->ring[rings->count] = ring_buffer__new(fd[rings->count], keep, rings, NULL);
		if (!rings->ring[rings->count]) {
			int err = -errno;

			rings_close(rings);
			return error_set(error, err, "cannot read the ring of a capture: %s",
					 strerror(-err));
		}
	}
	*out = rings;
	return 0;
}

void rings_close(struct rings *rings)
{
	if (!rings)
		return;
	for (size_t i = 0; i < rings->count; i++)
		ring_buffer__free(rings->ring[i]);
	free(rings->ring);
	free(rings->batch);
	free(rings->sorted);
	free(rings);
}

static int by_time(const void *a, const void *b)
{
	const struct s64_capture_record *one = *(const struct s64_capture_record *const *)a;
	const struct s64_capture_record *other = *(const struct s64_capture_record *const *)b;

	return one->time_ns < other->time_ns ? -1 : one->time_ns > other->time_ns;
}

int rings_collect(struct rings *rings)
{
	int err = 0;

	rings->used = rings->records = 0;
	for (size_t i = 0; i < rings->count && err >= 0; i++)
		err = ring_buffer__consume(rings->ring[(rings->next + i) % rings->count]);
	if (err < 0 && err != -ENOSPC)
		return err;
	rings->next = (rings->next + 1) % rings->count;
	if (rings->count > 1)
		qsort(rings->sorted, rings->records, sizeof(*rings->sorted), by_time);
	return rings->records;
}

int rings_pass(struct rings *rings, rings_each_t each, void *data)
{
	int err = 0;

	for (size_t i = 0; i < rings->records && !err; i++)
		err = each(rings->sorted[i], data);
	return err;
}
