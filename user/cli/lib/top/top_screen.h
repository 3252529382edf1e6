/* SPDX-License-Identifier: GPL-2.0-only */
/* The terminal of the live `top`: draws a view, and reads keys. */
#ifndef SLASH64_CLI_LIB_TOP_TOP_SCREEN_H
#define SLASH64_CLI_LIB_TOP_TOP_SCREEN_H

#include "top_view.h"

#define TOP_SCREEN_NONE	   (-1) /* no key came in time */
#define TOP_SCREEN_RESIZED (-2)
#define TOP_SCREEN_GONE	   (-3) /* the terminal was closed */

/* False if this terminal cannot do it, with nothing changed. */
bool top_screen_open(void);
/* Restores the terminal. */
void top_screen_close(void);

/* Sets view->page. */
void top_screen_draw(struct top_view *view);
/* Everything, whatever is there. */
void top_screen_repaint(void);

/* A key of top_view_key(), or one of the three above. */
int top_screen_key(int timeout_ms);

#endif
