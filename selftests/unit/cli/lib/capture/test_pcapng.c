// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/cli/lib/capture/pcapng.c */
/* The blocks of a pcapng file, read back by their lengths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/lib/capture/pcapng.h"

static char *file;
static size_t bytes;

static uint32_t word(size_t at)
{
	uint32_t value;

	assert_true(at + sizeof(value) <= bytes);
	memcpy(&value, file + at, sizeof(value));
	return value;
}

/* The start of a block, which begins and ends with its length. */
static size_t block(unsigned int number, uint32_t type)
{
	size_t at = 0;

	for (; number; number--)
		at += word(at + 4);
	assert_int_equal(word(at), type);
	assert_int_equal(word(at + 4) % 4, 0);
	assert_int_equal(word(at + word(at + 4) - 4), word(at + 4));
	return at;
}

/* The value of an option, or NULL. */
static const char *option(size_t block_at, size_t options_at, uint16_t code, uint16_t *length)
{
	size_t at = block_at + options_at, end = block_at + word(block_at + 4) - 4;

	while (at < end) {
		uint16_t found = word(at), n = word(at) >> 16;

		*length = n;
		if (found == code)
			return file + at + 4;
		if (!found)
			assert_int_equal(at + 4, end);
		at += 4 + (n + 3) / 4 * 4;
	}
	return NULL;
}

static void text_is(size_t block_at, size_t options_at, uint16_t code, const char *text)
{
	uint16_t length;
	const char *value = option(block_at, options_at, code, &length);

	assert_non_null(value);
	assert_int_equal(length, strlen(text));
	assert_memory_equal(value, text, length);
}

static void a_file_can_be_read_back(void **state)
{
	const struct pcapng_packet packet = {.time_ns = 0x1122334455667788,
					     .data = "seven b",
					     .captured = 7,
					     .length = 1500,
					     .comment = "verdict=drop"};
	FILE *out = open_memstream(&file, &bytes);
	const char *value;
	uint16_t length;
	uint64_t lost;
	size_t at;

	(void)state;
	pcapng_begin(out, "slash64 1", "Linux 6");
	pcapng_interface(out, "wan0", 96, "class=udp");
	pcapng_packet(out, &packet);
	pcapng_statistics(out, &(struct pcapng_statistics){
				       .start_ns = 1, .end_ns = 2, .matched = 10, .lost = 3});
	fclose(out);
	at = block(0, 0x0a0d0d0a);
	assert_int_equal(word(at + 8), 0x1a2b3c4d);
	text_is(at, 24, 4, "slash64 1");
	text_is(at, 24, 3, "Linux 6");
	at = block(1, 1);
	assert_int_equal(word(at + 8), 1);
	assert_int_equal(word(at + 12), 96);
	text_is(at, 16, 2, "wan0");
	value = option(at, 16, 11, &length);
	assert_int_equal(length, 10);
	assert_memory_equal(value, "\0class=udp", 10);
	at = block(2, 6);
	assert_int_equal(word(at + 12), 0x11223344);
	assert_int_equal(word(at + 16), 0x55667788);
	assert_int_equal(word(at + 20), 7);
	assert_int_equal(word(at + 24), 1500);
	assert_memory_equal(file + at + 28, "seven b", 8);
	text_is(at, 28 + 8, 1, "verdict=drop");
	at = block(3, 5);
	value = option(at, 20, 5, &length);
	memcpy(&lost, value, sizeof(lost));
	assert_int_equal(lost, 3);
	assert_int_equal(at + word(at + 4), bytes);
	free(file);
}

static void a_long_text_is_cut_and_a_filter_may_be_missing(void **state)
{
	char text[3000];
	FILE *out = open_memstream(&file, &bytes);
	uint16_t length;
	size_t at;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	pcapng_begin(out, text, "Linux");
	pcapng_interface(out, "eth0", 1, NULL);
	fclose(out);
	at = block(0, 0x0a0d0d0a);
	assert_non_null(option(at, 24, 4, &length));
	assert_int_equal(length, 1024);
	at = block(1, 1);
	assert_null(option(at, 16, 11, &length));
	assert_int_equal(at + word(at + 4), bytes);
	free(file);
}

static void a_block_that_is_not_whole_is_cut_off(void **state)
{
	const struct pcapng_packet packet = {.data = "ten bytes!",
					     .captured = 10,
					     .length = 10,
					     .comment = "c"};
	FILE *out = tmpfile();
	int64_t whole, all;

	(void)state;
	pcapng_begin(out, "slash64", "Linux");
	pcapng_interface(out, "eth0", 96, NULL);
	fflush(out);
	whole = ftello(out);
	pcapng_packet(out, &packet);
	pcapng_statistics(out, &(struct pcapng_statistics){.comment = "a pause"});
	fflush(out);
	all = ftello(out);
	assert_int_equal(pcapng_cut(fileno(out), whole), all);
	assert_int_equal(ftruncate(fileno(out), all - 1), 0);
	whole = pcapng_cut(fileno(out), whole);
	assert_true(whole < all && lseek(fileno(out), 0, SEEK_END) == whole);
	/* not even the head of a block */
	for (int64_t n = whole - 1; n > 0; n--) {
		int64_t kept;

		assert_int_equal(ftruncate(fileno(out), n), 0);
		kept = pcapng_cut(fileno(out), 0);
		assert_true(kept >= 0 && kept <= n && kept % 4 == 0);
		n = kept;
	}
	assert_int_equal(pcapng_cut(-1, 0), -1);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_can_be_read_back),
		cmocka_unit_test(a_long_text_is_cut_and_a_filter_may_be_missing),
		cmocka_unit_test(a_block_that_is_not_whole_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
