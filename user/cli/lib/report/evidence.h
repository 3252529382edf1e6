/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that goes with a report, such as a capture, and its hash. */
#ifndef SLASH64_CLI_LIB_REPORT_EVIDENCE_H
#define SLASH64_CLI_LIB_REPORT_EVIDENCE_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

#define EVIDENCE_BYTES_MAX 5242880 /* XARF: of one item */
#define EVIDENCE_HASH_MAX  65	   /* SHA-256 in hexadecimal, and the final 0 */

/* Lower case hexadecimal into hash. Returns hash. */
const char *evidence_hash(const void *bytes, size_t count, char hash[EVIDENCE_HASH_MAX]);

/* RFC 4648, with padding. To be freed; NULL if out of memory. */
char *evidence_base64(const void *bytes, size_t count);

/* Reads a file of at most EVIDENCE_BYTES_MAX. To be freed. */
int evidence_read(const char *file, void **bytes, size_t *count, struct error *error);

/* {"content_type", "description", "payload", "hash", "size"}, as XARF wants it. NULL if out of
 * memory.
 */
json_t *evidence_item(const char *type, const char *description, const void *bytes, size_t count);

#endif
