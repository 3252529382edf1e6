/* SPDX-License-Identifier: GPL-2.0-only */
/* GET /v1/overview: all that a page shows at once, made at most once a second, whoever asks. */
#ifndef SLASH64_DAEMON_API_ENDPOINTS_OVERVIEW_H
#define SLASH64_DAEMON_API_ENDPOINTS_OVERVIEW_H

struct overview;

/* After the last connection is closed, or before. NULL is fine. */
void overview_free(struct overview *overview);

#endif
