// SPDX-License-Identifier: GPL-2.0-only
/* Files that go with a report, against the vectors of FIPS 180-2 and RFC 4648. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/lib/report/evidence.h"

static void hashes_are_those_of_the_standard(void **state)
{
	char hash[EVIDENCE_HASH_MAX];

	assert_string_equal(evidence_hash("", 0, hash),
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(evidence_hash("abc", 3, hash),
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void base64_is_that_of_the_standard(void **state)
{
	static const char *const pairs[][2] = {
		{"", ""},	 {"f", "Zg=="},	       {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		char *text = evidence_base64(pairs[i][0], strlen(pairs[i][0]));

		assert_string_equal(text, pairs[i][1]);
		free(text);
	}
}

static void an_item_says_what_is_in_it(void **state)
{
	json_t *item = evidence_item("text/plain", "words", "abc", 3);

	assert_string_equal(json_string_value(json_object_get(item, "payload")), "YWJj");
	assert_int_equal(json_integer_value(json_object_get(item, "size")), 3);
	assert_memory_equal(json_string_value(json_object_get(item, "hash")), "sha256:ba7816bf",
			    15);
	json_decref(item);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_those_of_the_standard),
		cmocka_unit_test(base64_is_that_of_the_standard),
		cmocka_unit_test(an_item_says_what_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
