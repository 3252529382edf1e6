// SPDX-License-Identifier: GPL-2.0-only
#include "spoken_ja.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "spoken.h"

#define WORD_BYTES 40
#define KANA_BYTES 3 /* of a character of UTF-8 in these blocks */

/* In the order of the alphabet 0-9, A-Z. */
static const char *const words[] = {
	"ゼロ",	      "イチ",	      "ニ",	      "サン",
	"ヨン",	      "ゴ",	      "ロク",	      "ナナ",
	"ハチ",	      "キュウ",	      "アルファ",     "ブラボー",
	"チャーリー", "デルタ",	      "エコー",	      "フォックストロット",
	"ゴルフ",     "ホテル",	      "インディア",   "ジュリエット",
	"キロ",	      "リマ",	      "マイク",	      "ノベンバー",
	"オスカー",   "パパ",	      "ケベック",     "ロメオ",
	"シエラ",     "タンゴ",	      "ユニフォーム", "ビクター",
	"ウィスキー", "エックスレイ", "ヤンキー",     "ズールー",
};

/* Other words that people use, and what they stand for in English. */
static const struct {
	const char *word, *plain;
} aliases[] = {
	{"長サ", " length "},
	{"ナガサ", " length "},
	{"スラッシュ", "/"},
	{"照合", " check "},
	{"ショウゴウ", " check "},
	{"チェック", " check "},
	{"コロン", ":"},
	{"ハイフン", "-"},
	{"レイ", "0"},
	{"零", "0"},
	{"〇", "0"},
	{"マル", "0"},
	{"一", "1"},
	{"二", "2"},
	{"三", "3"},
	{"四", "4"},
	{"五", "5"},
	{"六", "6"},
	{"七", "7"},
	{"八", "8"},
	{"九", "9"},
	{"シ", "4"},
	{"シチ", "7"},
	{"ク", "9"},
	{"キュー", "9"},
	{"フタ", "2"},
	{"アルファー", "A"},
	{"アルハ", "A"},
	{"ブラヴォー", "B"},
	{"チャーリ", "C"},
	{"エコ", "E"},
	{"フォクストロット", "F"},
	{"フォックス", "F"},
	{"ジュリエッタ", "J"},
	{"ノーベンバー", "N"},
	{"ノヴェンバー", "N"},
	{"オスカ", "O"},
	{"ロミオ", "R"},
	{"ヴィクター", "V"},
	{"ウイスキー", "W"},
	{"エックス", "X"},
	{"ズル", "Z"},
	{"ズールー", "Z"},
};

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

int spoken_ja_say(const struct prefix *prefix, char buf[SPOKEN_JA_MAX])
{
	char c[SPOKEN_CHARS + 1];
	int err = spoken_characters(prefix, c);

	if (!err)
		snprintf(buf, SPOKEN_JA_MAX, "%.4s、%.4s、%.4s、%.4s、長さ %.2s、照合 %s %s", c,
			 c + 4, c + 8, c + 12, c + SPOKEN_DIGITS,
			 words[strchr(alphabet, c[18]) - alphabet],
			 words[strchr(alphabet, c[19]) - alphabet]);
	return err;
}

int spoken_ja_spell(const struct prefix *prefix, char buf[SPOKEN_JA_MAX])
{
	char c[SPOKEN_CHARS + 1];
	int err = spoken_characters(prefix, c);
	size_t n = 0;

	for (int i = 0; i < SPOKEN_CHARS && !err; i++) {
		const char *before = i == SPOKEN_DIGITS			? "、長さ " :
				     i == SPOKEN_DIGITS + SPOKEN_LENGTH ? "、照合 " :
				     i == 0				? "" :
				     i % 4 == 0				? "、" :
									  " ";

		n += snprintf(buf + n, SPOKEN_JA_MAX - n, "%s%s", before,
			      words[strchr(alphabet, c[i]) - alphabet]);
	}
	return err;
}

/* --- listening --- */

/* The code point of three bytes of UTF-8, or 0. */
static unsigned int kana_of(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	if ((p[0] & 0xf0) != 0xe0 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
		return 0;
	return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
}

/* U+FF61 to U+FF9D, half as wide. */
static const uint16_t full_width[] = {
	0x3002, 0x300c, 0x300d, 0x3001, 0x30fb, 0x30f2, 0x30a1, 0x30a3, 0x30a5, 0x30a7, 0x30a9,
	0x30e3, 0x30e5, 0x30e7, 0x30c3, 0x30fc, 0x30a2, 0x30a4, 0x30a6, 0x30a8, 0x30aa, 0x30ab,
	0x30ad, 0x30af, 0x30b1, 0x30b3, 0x30b5, 0x30b7, 0x30b9, 0x30bb, 0x30bd, 0x30bf, 0x30c1,
	0x30c4, 0x30c6, 0x30c8, 0x30ca, 0x30cb, 0x30cc, 0x30cd, 0x30ce, 0x30cf, 0x30d2, 0x30d5,
	0x30d8, 0x30db, 0x30de, 0x30df, 0x30e0, 0x30e1, 0x30e2, 0x30e4, 0x30e6, 0x30e8, 0x30e9,
	0x30ea, 0x30eb, 0x30ec, 0x30ed, 0x30ef, 0x30f3,
};

#define HALF_WIDTH  0xff61
#define HALF_WIDTHS (sizeof(full_width) / sizeof(full_width[0]))

/* The mark of a voiced sound (2), as in ガ, or a half voiced one (3), as in パ: combining, by itself,
 * or half as wide. 1 otherwise.
 */
static unsigned int mark_of(unsigned int c)
{
	if (c == 0x3099 || c == 0x309b || c == 0xff9e)
		return 2;
	return c == 0x309a || c == 0x309c || c == 0xff9f ? 3 : 1;
}

/* カ to ト and ハ to ホ, each followed by itself with a mark: those before the small ッ are odd, those behind it even. ハ to ホ
 * have two.
 */
static bool takes_mark(unsigned int c, unsigned int mark)
{
	bool is_h = c >= 0x30cf && c <= 0x30db && (c - 0x30cf) % 3 == 0;

	if (mark == 3)
		return is_h;
	return is_h || c == 0x30a6 || (c >= 0x30ab && c <= 0x30c1 && c % 2) ||
	       (c >= 0x30c4 && c <= 0x30c8 && c % 2 == 0);
}

/* The full-width katakana at the beginning of a text that may be hiragana, or half as wide, or have
 * its mark behind it; another character as it is. Its bytes in *taken. 0 if it is none of three bytes.
 */
static unsigned int katakana_at(const char *text, size_t *taken)
{
	unsigned int c = kana_of(text), mark = c ? mark_of(kana_of(text + KANA_BYTES)) : 1;

	if (c >= HALF_WIDTH && c < HALF_WIDTH + HALF_WIDTHS)
		c = full_width[c - HALF_WIDTH];
	if (c >= 0x3041 && c <= 0x3096)
		c += 0x60;
	if (!takes_mark(c, mark))
		mark = 1;
	*taken = mark > 1 ? 2 * KANA_BYTES : KANA_BYTES;
	if (mark > 1)
		c = c == 0x30a6 ? 0x30f4 : c + mark - 1;
	return c;
}

/* Signs of Japanese text, and full-width ASCII; 0 for another character. */
static char sign_of(unsigned int c)
{
	if (c >= 0xff01 && c <= 0xff5e)
		return c - 0xff01 + '!';
	switch (c) {
	case 0x3000: /* ideographic space */
	case 0x30fb: /* ・ */
		return ' ';
	case 0x3001: /* 、 */
		return ',';
	case 0x3002: /* 。 */
		return '.';
	case 0x2010:
	case 0x2011:
	case 0x2012:
	case 0x2013:
	case 0x2014:
	case 0x2015:
	case 0x2212:
	case 0x30fc: /* ー that lengthens no word was meant as a hyphen */
		return '-';
	default:
		return 0;
	}
}

static void write_katakana(unsigned int c, char *out)
{
	out[0] = 0xe0 | c >> 12;
	out[1] = 0x80 | (c >> 6 & 0x3f);
	out[2] = 0x80 | (c & 0x3f);
	out[3] = '\0';
}

/* The longest word at the beginning of a text: its bytes, and what it stands for in *plain. 0 if there is none. */
static size_t find_word(const char *text, char plain[WORD_BYTES])
{
	char typed[WORD_BYTES] = "";
	size_t found = 0, read = 0, taken;
	unsigned int c;

	for (size_t n = 0; n + KANA_BYTES < sizeof(typed); n += KANA_BYTES) {
		c = katakana_at(text + read, &taken);
		if (!c)
			break;
		write_katakana(c, typed + n);
		read += taken;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (!strcmp(typed, words[i])) {
				snprintf(plain, WORD_BYTES, " %c", alphabet[i]);
				found = read;
			}
		for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
			if (!strcmp(typed, aliases[i].word)) {
				snprintf(plain, WORD_BYTES, " %s", aliases[i].plain);
				found = read;
			}
	}
	return found;
}

int spoken_ja_plain(const char *text, char *out, size_t bytes)
{
	size_t n = 0;

	while (*text) {
		char plain[WORD_BYTES] = {*text};
		size_t taken = find_word(text, plain), bytes_of_sign;
		unsigned int c = taken ? 0 : katakana_at(text, &bytes_of_sign);

		if (c && sign_of(c)) {
			plain[0] = sign_of(c);
			plain[1] = '\0';
			taken = bytes_of_sign;
		}
		text += taken ? taken : 1;
		if (n + strlen(plain) >= bytes)
			return -EINVAL;
		strcpy(out + n, plain);
		n += strlen(plain);
	}
	out[n] = '\0';
	return 0;
}
