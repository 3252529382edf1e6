/* SPDX-License-Identifier: GPL-2.0-only */
/* A prefix read over the telephone in Japanese: digits as they are said so that none is taken for another (ヨン, ナナ, キュウ),
 * letters by the ICAO alphabet as it is written in kana. See spoken.h.
 */
#ifndef SLASH64_NET_SPOKEN_JA_H
#define SLASH64_NET_SPOKEN_JA_H

#include "prefix.h"

#define SPOKEN_JA_MAX 1024

/* "2001、0DB8、DEAD、BEEF、長さ 64、照合 ノベンバー デルタ" into buf. -ERANGE if the prefix is longer than a /64. */
int spoken_ja_say(const struct prefix *prefix, char buf[SPOKEN_JA_MAX]);

/* Every character as a word: "ニ ゼロ ゼロ イチ、ゼロ デルタ ブラボー ハチ、...". */
int spoken_ja_spell(const struct prefix *prefix, char buf[SPOKEN_JA_MAX]);

/* What spoken_hear() parses, from what a Japanese listener typed: full-width digits, letters and signs become ASCII, and
 * words in kana or kanji English ones; whatever is unknown stays. -EINVAL if it has no room.
 */
int spoken_ja_plain(const char *text, char *out, size_t bytes);

#endif
