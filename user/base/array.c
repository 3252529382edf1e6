// SPDX-License-Identifier: GPL-2.0-only
#include "array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 16

/* `array` may be the address of a pointer of any type, so it is read and written as bytes. */
static int array_resize(void *array, size_t room, size_t bytes)
{
	void *entries, *grown;

	memcpy(&entries, array, sizeof(entries));
	grown = reallocarray(entries, room, bytes);
	if (!grown)
		return -ENOMEM;
	memcpy(array, &grown, sizeof(grown));
	return 0;
}

int array_reserve(void *array, size_t *room, size_t count, size_t bytes)
{
	size_t wanted = *room ? *room : ROOM_FIRST;
	int err;

	if (count <= *room)
		return 0;
	while (wanted < count) {
		if (wanted > SIZE_MAX / 2)
			return -ENOMEM;
		wanted *= 2;
	}
	err = array_resize(array, wanted, bytes);
	if (!err)
		*room = wanted;
	return err;
}

void *array_add(void *array, size_t *count, size_t bytes)
{
	char *entry;

	if ((*count & (*count - 1)) == 0 && array_resize(array, *count ? *count * 2 : 1, bytes))
		return NULL;
	memcpy(&entry, array, sizeof(entry));
	entry += (*count)++ * bytes;
	memset(entry, 0, bytes);
	return entry;
}
