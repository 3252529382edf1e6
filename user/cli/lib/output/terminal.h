/* SPDX-License-Identifier: GPL-2.0-only */
/* What standard output is: how wide, with colour or not, and paged where it is a terminal. */
#ifndef SLASH64_CLI_TERMINAL_H
#define SLASH64_CLI_TERMINAL_H

#include <stdbool.h>

#include "cli/command.h"

/* Before anything is written. `color` is auto, always or never; false where it is none of them. */
bool terminal_init(const char *color);

/* Columns: of COLUMNS, or of the terminal; 0 where it is a pipe or a file, which has no end of a line. */
int terminal_width(void);

/* Rows of the terminal; 0 where it is none. */
int terminal_height(void);

/* Is it a terminal, that somebody reads? It stays so behind the pager. */
bool terminal_is_read(void);
/* Standard error is a terminal on which a line can be written over. */
bool terminal_shows_progress(void);

/* From here on through SLASH64_PAGER, PAGER, or less, where that is a terminal, the output is for a person, and nobody
 * said --no-pager. The second time does nothing.
 */
void terminal_page(const struct context *context);

/* Has who reads the pager left it? Then nobody misses what could not be written. */
bool terminal_pager_left(void);

/* Colour is never alone: it says again what the word says. */
enum tone { TONE_PLAIN, TONE_BOLD, TONE_GOOD, TONE_WARN, TONE_BAD };

/* What is written before and behind a text in that tone; "" where there is no colour. */
const char *tone_begin(enum tone tone);
const char *tone_end(enum tone tone);

#endif
