// SPDX-License-Identifier: GPL-2.0-only
/* An entry for the journal is what systemd's native protocol says, whatever the values are. */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/journal.h"

static struct journal_entry entry;

static void is(const void *data, size_t bytes)
{
	assert_int_equal(entry.bytes, bytes);
	assert_memory_equal(entry.data, data, bytes);
}

static void a_field_is_its_name_and_its_value(void **state)
{
	static const char text[] = "MESSAGE=block\nSLASH64_ACTION=block\nSLASH64_REASON=a=b\n";

	journal_write(&entry, (const struct journal_field[]){{"MESSAGE", "block"},
							     {"SLASH64_PREFIX", NULL},
							     {"SLASH64_ACTION", "block"},
							     {"SLASH64_REASON", "a=b"},
							     {}});
	is(text, sizeof(text) - 1);
}

/* Otherwise a reason could add fields of its own: SLASH64_ACTOR, say. */
static void a_line_end_in_a_value_starts_no_field(void **state)
{
	static const char value[] = "x\nSLASH64_ACTOR=root";
	const uint64_t bytes = htole64(sizeof(value) - 1);
	char text[128] = "MESSAGE=m\nSLASH64_REASON\n";
	size_t n = strlen(text);

	memcpy(text + n, &bytes, sizeof(bytes));
	memcpy(text + n + sizeof(bytes), value, sizeof(value) - 1);
	n += sizeof(bytes) + sizeof(value) - 1;
	text[n++] = '\n';
	journal_write(&entry, (const struct journal_field[]){{"MESSAGE", "m"},
							     {"SLASH64_REASON", value},
							     {}});
	is(text, n);
}

static void what_does_not_fit_is_cut_and_the_entry_stays_whole(void **state)
{
	static char much[2 * JOURNAL_ENTRY_MAX];

	memset(much, 'x', sizeof(much) - 1);
	journal_write(&entry, (const struct journal_field[]){
				      {"MESSAGE", "m"}, {"LONG", much}, {"LATER", "no"}, {}});
	assert_true(entry.bytes <= JOURNAL_ENTRY_MAX);
	assert_true(entry.bytes > JOURNAL_ENTRY_MAX - 32);
	assert_int_equal(entry.data[entry.bytes - 1], '\n');
	assert_memory_equal(entry.data, "MESSAGE=m\nLONG=xx", 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_field_is_its_name_and_its_value),
		cmocka_unit_test(a_line_end_in_a_value_starts_no_field),
		cmocka_unit_test(what_does_not_fit_is_cut_and_the_entry_stays_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
