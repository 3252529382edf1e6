/* SPDX-License-Identifier: GPL-2.0-only */
/* An address to listen on: "[::1]:9664" or "127.0.0.1:9664". */
#ifndef SLASH64_NET_LISTEN_ADDRESS_H
#define SLASH64_NET_LISTEN_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

/* -EINVAL if it is not ADDRESS:PORT; outputs are unchanged then. */
int listen_address_parse(const char *text, char *address, size_t bytes, uint16_t *port);

#endif
