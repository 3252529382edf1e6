/* SPDX-License-Identifier: GPL-2.0-only */
/* Standard output: its width, colour, and a pager on a terminal. */
#ifndef SLASH64_CLI_LIB_OUTPUT_TERMINAL_H
#define SLASH64_CLI_LIB_OUTPUT_TERMINAL_H

#include <stdbool.h>

#include "cli/command.h"

/* Before anything is written. `color` is auto, always or never; false for anything else. */
bool terminal_init(const char *color);

/* Columns, from COLUMNS or the terminal; 0 for a pipe or a file, which have no limit. */
int terminal_width(void);

/* Rows of the terminal; 0 if it is none. */
int terminal_height(void);

/* Is it a terminal that somebody reads? Remains true behind the pager. */
bool terminal_is_read(void);
/* Standard error is a terminal on which a line can be written over. */
bool terminal_shows_progress(void);

/* From here on, output goes through SLASH64_PAGER, PAGER, or less, if it is a terminal, for a
 * person, and without --no-pager. A second call does nothing.
 */
void terminal_page(const struct context *context);

/* Has the reader left the pager? Then output that could not be written is not missed. */
bool terminal_pager_left(void);

/* Colour is never alone: the word says the same. */
enum tone { TONE_PLAIN, TONE_BOLD, TONE_GOOD, TONE_WARN, TONE_BAD };

/* The text before and after colour; "" without colour. */
const char *tone_begin(enum tone tone);
const char *tone_end(enum tone tone);

#endif
