// SPDX-License-Identifier: GPL-2.0-only
/* LINK: user/net/prefix.c user/net/spoken.c user/net/spoken_ja.c user/base/error.c */
/* What is said in Japanese is heard again, and what a Japanese keyboard types is understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/spoken.h"
#include "net/spoken_ja.h"

static const char wanted[] = "2001:db8:bad:1::/64";

static void hears(const char *text)
{
	struct prefix prefix, guess[SPOKEN_GUESSES_MAX];
	char form[PREFIX_TEXT_MAX];
	unsigned int guesses;
	struct error error;

	if (spoken_hear(text, &prefix, guess, &guesses, &error))
		fail_msg("%s: %s", text, error.text);
	assert_string_equal(prefix_format(&prefix, form), wanted);
}

static void a_prefix_is_said_as_it_is_read_out(void **state)
{
	struct prefix prefix = prefix_of_bits(0x20010db80bad0001, 0, 64);
	char said[SPOKEN_JA_MAX];

	assert_int_equal(spoken_ja_say(&prefix, said), 0);
	assert_string_equal(said, "2001、0DB8、0BAD、0001、長さ 64、照合 ユニフォーム イチ");
	hears(said);
	assert_int_equal(spoken_ja_spell(&prefix, said), 0);
	assert_string_equal(
		said,
		"ニ ゼロ ゼロ イチ、ゼロ デルタ ブラボー ハチ、ゼロ ブラボー アルファ デルタ、"
		"ゼロ ゼロ ゼロ イチ、長さ ロク ヨン、照合 ユニフォーム イチ");
	hears(said);
	prefix.length = 65;
	assert_true(spoken_ja_say(&prefix, said) < 0 && spoken_ja_spell(&prefix, said) < 0);
}

static void full_width_characters_are_what_they_look_like(void **state)
{
	hears("２００１：０ＤＢ８：０ｂａｄ：０００１／６４　Ｕ１");
	hears("２００１：ｄｂ８：ｂａｄ：１：：／６４　照合　Ｕ１");
	hears("２００１－０ｄｂ８−０ｂａｄ‐０００１　スラッシュ　６４　チェック　Ｕ１");
}

static void other_words_and_no_blanks_are_understood(void **state)
{
	hears("にまるれいいち、ゼロデルタブラヴォーはち、〇ブラボーアルファーデルタ、零ゼロゼロ一、ながさろくよん、しょうごうユニフォームイチ");
}

/* As telephones and old mail write them; a mark behind its letter also comes from file names of a Mac. */
static void half_width_katakana_and_marks_by_themselves_are_understood(void **state)
{
	hears("ﾆ ｾﾞﾛ ﾚｲ ｲﾁ､ ｾﾞﾛ ﾃﾞﾙﾀ ﾌﾞﾗﾎﾞｰ ﾊﾁ､ ｾﾞﾛ ﾌﾞﾗｳﾞｫｰ ｱﾙﾌｧ ﾃﾞﾙﾀ､ ｾﾞﾛ･ｾﾞﾛ･ｾﾞﾛ･ｲﾁ｡ ﾅｶﾞｻ ﾛｸ ﾖﾝ､ ｼｮｳｺﾞｳ ﾕﾆﾌｫｰﾑ ｲﾁ");
	hears("2001ｰ0db8ｰ0badｰ0001 ｽﾗｯｼｭ 64 ﾁｪｯｸ U1");
	hears("ニ セ\u3099ロ れい イチ、セ\u309bロ テ\u3099ルタ ふ\u3099ラホ\u3099ー ハチ、セ\u3099ロ フ\u3099ラウ\u3099ォー アルファ テ\u3099ルタ、0001 長さ 64 照合 U1");
}

/* "OH" is a zero, but O and H are two letters. */
static void every_prefix_is_heard_as_it_was_said(void **state)
{
	for (uint64_t i = 0, hi = 0; i < 5000; i++, hi += 0x9e3779b97f4a7c15) {
		struct prefix prefix = prefix_of_bits(hi, 0, 64), heard, guess[SPOKEN_GUESSES_MAX];
		char said[SPOKEN_JA_MAX];
		unsigned int guesses;
		struct error error;

		assert_int_equal(spoken_ja_spell(&prefix, said), 0);
		assert_int_equal(spoken_hear(said, &heard, guess, &guesses, &error), 0);
		assert_int_equal(prefix_compare(&heard, &prefix), 0);
		assert_int_equal(spoken_ja_say(&prefix, said), 0);
		assert_int_equal(spoken_hear(said, &heard, guess, &guesses, &error), 0);
		assert_int_equal(prefix_compare(&heard, &prefix), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_prefix_is_said_as_it_is_read_out),
		cmocka_unit_test(full_width_characters_are_what_they_look_like),
		cmocka_unit_test(other_words_and_no_blanks_are_understood),
		cmocka_unit_test(half_width_katakana_and_marks_by_themselves_are_understood),
		cmocka_unit_test(every_prefix_is_heard_as_it_was_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
