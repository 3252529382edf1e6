/* SPDX-License-Identifier: GPL-2.0-only */
/* Takes out of a text what is nobody else's business. The same address becomes the same name
 * everywhere in it, so that one can still tell who did what.
 */
#ifndef SLASH64_CLI_LIB_DOCTOR_REDACT_H
#define SLASH64_CLI_LIB_DOCTOR_REDACT_H

#include <stdio.h>

struct redact;

/* NULL if out of memory. */
struct redact *redact_new(void);
void redact_free(struct redact *redact);

/* Writes the text with IPv6 addresses as <net3>, a /64, and <net3.2>, an address in it, IPv4
 * addresses as <v4-1>, and hardware addresses as <mac1>. Unspecified and loopback addresses stay.
 */
void redact_addresses(struct redact *redact, const char *text, FILE *out);

/* Writes the text of a configuration without the values of keys that are secret or somebody's name,
 * and without what is secret in URLs.
 */
void redact_secrets(const char *text, FILE *out);

#endif
