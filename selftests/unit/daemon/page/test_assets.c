// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/page/assets.h"

static void each_file_is_built_in_whole(void **state)
{
	const struct page_asset *asset = page_asset_find("/");

	(void)state;
	assert_non_null(asset);
	assert_memory_equal(asset->bytes, "<!DOCTYPE html>", 15);
	assert_memory_equal(asset->end - 8, "</html>\n", 8);
	assert_true(page_asset_find("/dygraph.js")->end - page_asset_find("/dygraph.js")->bytes >
		    100000);
	for (size_t i = 0; page_asset_at(i); i++)
		assert_true(page_asset_at(i)->end - page_asset_at(i)->bytes > 100);
}

static void only_what_is_there_is_found(void **state)
{
	static const char *const none[] = {"",	       "/x",	    "/page.css/", "/../page.css",
					   "page.css", "/PAGE.CSS", "//",	  "/page.css%00"};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_null(page_asset_find(none[i]));
	assert_ptr_equal(page_asset_find("/page.css")->bytes, page_asset_at(1)->bytes);
}

static void an_etag_tells_files_apart(void **state)
{
	char a[PAGE_ETAG_MAX], b[PAGE_ETAG_MAX];

	(void)state;
	page_asset_etag(page_asset_find("/page.css"), a);
	page_asset_etag(page_asset_find("/page.js"), b);
	assert_string_not_equal(a, b);
	assert_string_equal(a, page_asset_etag(page_asset_find("/page.css"), b));
	assert_int_equal(strlen(a), 18);
	assert_true(a[0] == '"' && a[17] == '"');
}

/* Content-Security-Policy would refuse it, and the browser complain: each attribute and element of
 * the page that could load or run something names a file of its own.
 */
static void the_page_names_no_other_host_and_has_nothing_inline(void **state)
{
	static const char *const never[] = {"http:",	"https:",   "//cdn",   " style=",
					    "<style",	"onclick=", "onload=", "javascript:",
					    "<script>", "data:"};
	const struct page_asset *asset = page_asset_find("/");
	char *text = strndup(asset->bytes, asset->end - asset->bytes);
	size_t named = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (strstr(text, never[i]))
			fail_msg("the page has '%s'", never[i]);
	for (const char *p = text; (p = strstr(p, "src=\"")); named++) {
		char path[64] = "";

		p += strlen("src=\"");
		memcpy(path, p, strcspn(p, "\""));
		if (!page_asset_find(path))
			fail_msg("the page names '%s', which is not there", path);
	}
	assert_true(named >= 2);
	free(text);
}

/* What slash64d says is text: a reason or the name of an interface may be anything. */
static void no_script_makes_markup_of_text(void **state)
{
	static const char *const files[] = {"/page.js", "/charts.js"};
	static const char *const never[] = {"innerHTML",      "outerHTML", "insertAdjacentHTML",
					    "document.write", "eval(",	   "Function("};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct page_asset *asset = page_asset_find(files[i]);

		for (size_t j = 0; j < sizeof(never) / sizeof(never[0]); j++)
			assert_null(memmem(asset->bytes, asset->end - asset->bytes, never[j],
					   strlen(never[j])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_file_is_built_in_whole),
		cmocka_unit_test(only_what_is_there_is_found),
		cmocka_unit_test(an_etag_tells_files_apart),
		cmocka_unit_test(the_page_names_no_other_host_and_has_nothing_inline),
		cmocka_unit_test(no_script_makes_markup_of_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
