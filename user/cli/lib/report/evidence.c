// SPDX-License-Identifier: GPL-2.0-only
#include "evidence.h"

#include <errno.h>
#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *evidence_hash(const void *bytes, size_t count, char hash[EVIDENCE_HASH_MAX])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha256;

	sha256_init(&sha256);
	sha256_update(&sha256, count, bytes);
	sha256_digest(&sha256, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		sprintf(hash + 2 * i, "%02x", digest[i]);
	return hash;
}

char *evidence_base64(const void *bytes, size_t count)
{
	char *text = malloc(BASE64_ENCODE_RAW_LENGTH(count) + 1);

	if (text) {
		base64_encode_raw(text, count, bytes);
		text[BASE64_ENCODE_RAW_LENGTH(count)] = '\0';
	}
	return text;
}

int evidence_read(const char *path, void **out, size_t *count, struct error *error)
{
	FILE *file = fopen(path, "re");
	char *bytes;
	size_t n;
	int err = 0;

	if (!file)
		return error_set(error, -errno, "cannot read %s: %s", path, strerror(errno));
	bytes = malloc(EVIDENCE_BYTES_MAX + 1);
	if (!bytes) {
		fclose(file);
		return error_set(error, -ENOMEM, "out of memory; try again");
	}
	n = fread(bytes, 1, EVIDENCE_BYTES_MAX + 1, file);
	if (ferror(file))
		err = error_set(error, -EIO, "cannot read %s: %s", path, strerror(errno));
	else if (n > EVIDENCE_BYTES_MAX)
		err = error_set(error, -EFBIG,
				"%s is larger than %d bytes, the most that a report may carry; "
				"capture fewer packets, or less of each",
				path, EVIDENCE_BYTES_MAX);
	else if (!n)
		err = error_set(error, -ENODATA, "%s is empty; give a capture with packets", path);
	fclose(file);
	if (err) {
		free(bytes);
		return err;
	}
	*out = bytes;
	*count = n;
	return 0;
}

json_t *evidence_item(const char *type, const char *description, const void *bytes, size_t count)
{
	char hash[EVIDENCE_HASH_MAX];
	char *payload = evidence_base64(bytes, count);
	json_t *item = payload ? json_pack("{s:s, s:s, s:s, s:s+, s:I}", "content_type", type,
					   "description", description, "payload", payload, "hash",
					   "sha256:", evidence_hash(bytes, count, hash), "size",
					   (json_int_t)count) :
				 NULL;

	free(payload);
	return item;
}
