/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of tables that several commands print. */
#ifndef SLASH64_CLI_LIB_OUTPUT_TABLE_ROWS_H
#define SLASH64_CLI_LIB_OUTPUT_TABLE_ROWS_H

#include <jansson.h>

#include "table.h"

#define ROWS_UNCERTAIN_PERCENT 10 /* from this error on a rate is marked as uncertain */

typedef void (*rows_row_t)(const json_t *object, struct table *table);

/* A block or throttle. */
extern const struct table_column rows_block_columns[];
void rows_block(const json_t *block, struct table *table);

extern const struct table_column rows_allow_columns[];
void rows_allow(const json_t *allow, struct table *table);

/* A source seen lately, and whether it is blocked; without that, what a block would hit. */
extern const struct table_column rows_hit_columns[];
extern const struct table_column rows_source_columns[];
/* Rows of `top` by something else. */
extern const struct table_column rows_destination_columns[], rows_aggregate_columns[],
	rows_class_columns[], rows_reason_columns[];
void rows_destination(const json_t *row, struct table *table);
void rows_aggregate(const json_t *row, struct table *table);
void rows_class(const json_t *row, struct table *table);
void rows_reason(const json_t *row, struct table *table);
void rows_source(const json_t *source, struct table *table);

/* A whole table from an array; nothing if it is empty. */
void rows_print(const json_t *array, const struct table_column *columns, rows_row_t row);

#endif
