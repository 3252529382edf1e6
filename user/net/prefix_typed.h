/* SPDX-License-Identifier: GPL-2.0-only */
/* Prefixes as people type and paste them. An unambiguous text is accepted; for any other, a hint
 * says what to write.
 */
#ifndef SLASH64_NET_PREFIX_TYPED_H
#define SLASH64_NET_PREFIX_TYPED_H

#include <stddef.h>

#include "prefix.h"

#define PREFIX_TYPED_MAX 256 /* a longer text is no prefix */
#define PREFIX_HINT_MAX	 256
#define PREFIX_RANGE_FEW 8  /* prefixes of a range typed by hand; more belong into a list */
#define PREFIXES_FEW	 64 /* prefixes of one request; more belong into a list */

/* Like prefix_parse_whole(), and ignores what was pasted around it: blanks, quotes, a trailing
 * comma, semicolon or dot, brackets, a port behind them; also takes a netmask of IPv4. 0 or
 * -EINVAL. `note` may be NULL.
 */
int prefix_typed(const char *text, struct prefix *prefix, enum prefix_note *note);

/* FROM-TO, as the prefixes that make it up. Returns their number, of which the first
 * PREFIX_RANGE_FEW are written; 0 if it is no range, or ends before it starts.
 */
size_t prefix_typed_range(const char *text, struct prefix out[PREFIX_RANGE_FEW]);

/* Why a text is no prefix, and what was meant: "did you mean 2001:db8:bad:1::/64?". `import` is what
 * takes a list: "an import". Returns buf, of PREFIX_HINT_MAX.
 */
const char *prefix_typed_hint(const char *text, const char *import, char *buf);

#endif
