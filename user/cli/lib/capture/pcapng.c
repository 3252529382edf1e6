// SPDX-License-Identifier: GPL-2.0-only
#include "pcapng.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The numbers of the draft. Integers are in the byte order of the machine, which the magic tells. */
enum block {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
};

enum option {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_SECTION_OS = 3,
	OPTION_SECTION_APPLICATION = 4,
	OPTION_INTERFACE_NAME = 2,
	OPTION_INTERFACE_RESOLUTION = 9,
	OPTION_INTERFACE_FILTER = 11,
	OPTION_STATISTICS_START = 2,
	OPTION_STATISTICS_END = 3,
	OPTION_STATISTICS_DROPPED = 5,
	OPTION_STATISTICS_ACCEPTED = 6,
};

#define MAGIC		   0x1a2b3c4d
#define LINKTYPE_ETHERNET  1
#define RESOLUTION_NS	   9 /* 10^-9 s */
#define FILTER_IS_A_STRING 0
#define TEXT_MAX	   1024

static uint32_t padded(uint32_t bytes)
{
	return (bytes + 3) & ~3U;
}

static void put(FILE *file, const void *data, uint32_t bytes)
{
	static const char zeros[4];

	fwrite(data, 1, bytes, file);
	fwrite(zeros, 1, padded(bytes) - bytes, file);
}

static void put32(FILE *file, uint32_t value)
{
	put(file, &value, sizeof(value));
}

static void put16s(FILE *file, uint16_t first, uint16_t second)
{
	uint16_t both[] = {first, second};

	put(file, both, sizeof(both));
}

/* A time, upper half first. */
static void put_time(FILE *file, uint64_t ns)
{
	put32(file, ns >> 32);
	put32(file, ns);
}

static uint32_t option_bytes(uint32_t bytes)
{
	return 4 + padded(bytes);
}

static void put_option(FILE *file, enum option option, const void *data, uint32_t bytes)
{
	put16s(file, option, bytes);
	put(file, data, bytes);
}

static uint32_t text_bytes(const char *text)
{
	return strnlen(text, TEXT_MAX);
}

static void put_text(FILE *file, enum option option, const char *text)
{
	put_option(file, option, text, text_bytes(text));
}

#define OPTIONS_END_BYTES 4
/* type and length before the body, length behind it */
#define BLOCK_BYTES 12

static void begin_block(FILE *file, enum block block, uint32_t bytes)
{
	put32(file, block);
	put32(file, bytes);
}

void pcapng_begin(FILE *file, const char *application, const char *system)
{
	uint64_t unknown = UINT64_MAX;
	uint32_t bytes = BLOCK_BYTES + 16 + option_bytes(text_bytes(application)) +
			 option_bytes(text_bytes(system)) + OPTIONS_END_BYTES;

	begin_block(file, BLOCK_SECTION, bytes);
	put32(file, MAGIC);
	put16s(file, 1, 0); /* the version */
	put(file, &unknown, sizeof(unknown));
	put_text(file, OPTION_SECTION_OS, system);
	put_text(file, OPTION_SECTION_APPLICATION, application);
	put16s(file, OPTION_END, 0);
	put32(file, bytes);
}

void pcapng_interface(FILE *file, const char *name, uint32_t snaplen, const char *filter)
{
	uint32_t bytes = BLOCK_BYTES + 8 + option_bytes(text_bytes(name)) + option_bytes(1) +
			 OPTIONS_END_BYTES;
	char text[1 + TEXT_MAX] = {FILTER_IS_A_STRING};
	uint8_t resolution = RESOLUTION_NS;

	if (filter) {
		memcpy(text + 1, filter, text_bytes(filter));
		bytes += option_bytes(1 + text_bytes(filter));
	}
	begin_block(file, BLOCK_INTERFACE, bytes);
	put16s(file, LINKTYPE_ETHERNET, 0);
	put32(file, snaplen);
	put_text(file, OPTION_INTERFACE_NAME, name);
	put_option(file, OPTION_INTERFACE_RESOLUTION, &resolution, sizeof(resolution));
	if (filter)
		put_option(file, OPTION_INTERFACE_FILTER, text, 1 + text_bytes(filter));
	put16s(file, OPTION_END, 0);
	put32(file, bytes);
}

void pcapng_packet(FILE *file, const struct pcapng_packet *packet)
{
	uint32_t bytes = BLOCK_BYTES + 20 + padded(packet->captured) +
			 option_bytes(text_bytes(packet->comment)) + OPTIONS_END_BYTES;

	begin_block(file, BLOCK_PACKET, bytes);
	put32(file, packet->interface);
	put_time(file, packet->time_ns);
	put32(file, packet->captured);
	put32(file, packet->length);
	put(file, packet->data, packet->captured);
	put_text(file, OPTION_COMMENT, packet->comment);
	put16s(file, OPTION_END, 0);
	put32(file, bytes);
}

static void put_time_option(FILE *file, enum option option, uint64_t ns)
{
	uint32_t halves[] = {ns >> 32, ns};

	put_option(file, option, halves, sizeof(halves));
}

void pcapng_statistics(FILE *file, const struct pcapng_statistics *statistics)
{
	uint32_t bytes = BLOCK_BYTES + 12 + 4 * option_bytes(8) + OPTIONS_END_BYTES;

	if (statistics->comment)
		bytes += option_bytes(text_bytes(statistics->comment));
	begin_block(file, BLOCK_STATISTICS, bytes);
	put32(file, statistics->interface);
	put_time(file, statistics->end_ns);
	if (statistics->comment)
		put_text(file, OPTION_COMMENT, statistics->comment);
	put_time_option(file, OPTION_STATISTICS_START, statistics->start_ns);
	put_time_option(file, OPTION_STATISTICS_END, statistics->end_ns);
	put_option(file, OPTION_STATISTICS_ACCEPTED, &statistics->matched,
		   sizeof(statistics->matched));
	put_option(file, OPTION_STATISTICS_DROPPED, &statistics->lost, sizeof(statistics->lost));
	put16s(file, OPTION_END, 0);
	put32(file, bytes);
}

int64_t pcapng_cut(int fd, int64_t from)
{
	struct stat status;
	uint32_t head[2];

	if (fstat(fd, &status))
		return -1;
	while (pread(fd, head, sizeof(head), from) == sizeof(head) && head[1] >= BLOCK_BYTES &&
	       from + head[1] <= status.st_size)
		from += head[1];
	return ftruncate(fd, from) ? -1 : from;
}
