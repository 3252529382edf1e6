/* SPDX-License-Identifier: GPL-2.0-only */
/* ArcSight's Common Event Format: one line, a header and then keys with values. */
#ifndef SLASH64_BASE_TEXT_CEF_H
#define SLASH64_BASE_TEXT_CEF_H

#include <stdint.h>
#include <stdio.h>

/* The header: what happened, in a word and in words, and how bad it is, 0 to 10. */
void cef_begin(FILE *out, const char *version, const char *event, const char *name, int severity);

/* A key and its value, escaped. NULL: nothing is written. */
void cef_value(FILE *out, const char *key, const char *value);
void cef_number(FILE *out, const char *key, int64_t value);

/* A field that a sender may define, with its label: "cs1", "c6a2". */
void cef_labelled(FILE *out, const char *key, const char *label, const char *value);

#endif
