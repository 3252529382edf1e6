/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes pcapng (draft-ietf-opsawg-pcapng): Ethernet frames with nanoseconds, a comment on each, and
 * how many packets of an interface were lost.
 */
#ifndef SLASH64_CLI_LIB_CAPTURE_PCAPNG_H
#define SLASH64_CLI_LIB_CAPTURE_PCAPNG_H

#include <stdint.h>
#include <stdio.h>

#define PCAPNG_COMMENT_MAX 512

/* Failures of writing stay with the file: look at ferror() when it matters. All of these may be
 * called in any order after pcapng_begin(), but an interface comes before its packets.
 */

/* `application` and `system` are what the file says it was written by and on. */
void pcapng_begin(FILE *file, const char *application, const char *system);

/* The first is number 0, the next 1. `filter` is what was asked for, as text, or NULL. */
void pcapng_interface(FILE *file, const char *name, uint32_t snaplen, const char *filter);

struct pcapng_packet {
	uint32_t interface;
	uint64_t time_ns; /* since 1970 */
	const void *data;
	uint32_t captured; /* bytes of data */
	uint32_t length;   /* bytes on the wire */
	const char *comment;
};

void pcapng_packet(FILE *file, const struct pcapng_packet *packet);

struct pcapng_statistics {
	uint32_t interface;
	uint64_t start_ns, end_ns; /* since 1970 */
	uint64_t matched, lost;
	const char *comment; /* NULL: none */
};

/* At the end. */
void pcapng_statistics(FILE *file, const struct pcapng_statistics *statistics);

/* Shortens a file to the blocks that are whole; up to `from` they are. Returns its length, or -1. */
int64_t pcapng_cut(int fd, int64_t from);

#endif
