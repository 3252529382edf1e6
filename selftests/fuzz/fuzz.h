/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the fuzzers: promises that hold for any input, and helpers that take the input apart.
 */
#ifndef SLASH64_FUZZ_H
#define SLASH64_FUZZ_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Prints the broken promise and aborts, so the input is kept. */
#define promise(condition, ...)                                                                 \
	do {                                                                                    \
		if (!(condition)) {                                                             \
			fprintf(stderr, "%s:%d: broken: %s: ", __FILE__, __LINE__, #condition); \
			fprintf(stderr, __VA_ARGS__);                                           \
			fputc('\n', stderr);                                                    \
			abort();                                                                \
		}                                                                               \
	} while (0)

/* A copy of exactly that size, so that reading beyond it is detected. To be freed. */
static inline uint8_t *exact_copy(const void *data, size_t bytes)
{
	uint8_t *copy = malloc(bytes ? bytes : 1);

	if (bytes)
		memcpy(copy, data, bytes);
	return copy;
}

/* The same with a final 0. */
static inline char *exact_text(const void *data, size_t bytes)
{
	char *copy = malloc(bytes + 1);

	if (bytes)
		memcpy(copy, data, bytes);
	copy[bytes] = '\0';
	return copy;
}

/* One line for a person: not empty, and without characters that move a terminal's cursor. */
static inline void promise_one_line(const char *text, size_t max)
{
	size_t n = strnlen(text, max);

	promise(n > 0 && n < max, "a message of %zu bytes", n);
	for (size_t i = 0; i < n; i++)
		promise((unsigned char)text[i] >= ' ' && text[i] != 0x7f, "byte %02x in '%s'",
			(unsigned char)text[i], text);
}

#endif
