/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of the tables that several commands print. Widths are fixed, for the rows to come are not
 * known.
 */
#ifndef SLASH64_CLI_ROWS_H
#define SLASH64_CLI_ROWS_H

#include <jansson.h>

void rows_block_header(void);
void rows_block(const json_t *block);

void rows_allow_header(void);
void rows_allow(const json_t *allow);

/* A site as it was seen lately; ends without the end of the line. */
#define ROWS_SITE_HEADER_FORMAT "%-43s %12s %12s %8s  %-22s %-20s"
#define ROWS_SITE_HEADER	"SITE", "PACKETS/S", "BITS/S", "DROPPED", "MOSTLY", "BECAUSE"
void rows_site(const json_t *site);

#endif
