/* SPDX-License-Identifier: GPL-2.0-only */
/* What slash64d, and what the command shares with it, says in English, in the language of the reader: an answer of the
 * API is the same for everybody, and a struct error may end in one. The formats that it was written by are in
 * user/cli/po/said.inc; the text is matched with them, and written again by the translation of the format.
 */
#ifndef SLASH64_CLI_LIB_OUTPUT_SAID_H
#define SLASH64_CLI_LIB_OUTPUT_SAID_H

#define SAID_MAX 2048

/* The text itself if the language is English, or no format matches; a part that none matches stays in English. */
const char *said(const char *text, char buf[SAID_MAX]);

#endif
