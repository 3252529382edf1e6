/* SPDX-License-Identifier: GPL-2.0-only */
/* "[::1]:9664" or "127.0.0.1:9664": where to listen. */
#ifndef SLASH64_USER_LISTEN_ADDRESS_H
#define SLASH64_USER_LISTEN_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

/* -EINVAL where it is not ADDRESS:PORT; outputs are then untouched. */
int listen_address_parse(const char *text, char *address, size_t bytes, uint16_t *port);

#endif
