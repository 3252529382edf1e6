/* SPDX-License-Identifier: GPL-2.0-only */
/* What the log keeps of a change so that it can be taken back, as JSON: what was, and what came of it. */
#ifndef SLASH64_DAEMON_API_JSON_UNDO_JSON_H
#define SLASH64_DAEMON_API_JSON_UNDO_JSON_H

#include <jansson.h>

#include "daemon/store/log/undo_text.h"

/* For the store, which keeps the text and does not read it. */
extern const struct store_undo_writer undo_json_writer;

/* A row in such a text; its texts are the object's. -EINVAL where it is none. */
int block_row_from_json(const json_t *object, struct store_block *row);

#endif
