/* SPDX-License-Identifier: GPL-2.0-only */
/* The page: slash64 in a browser, on a TCP port of its own (`page` in the configuration). It is
 * read-only: GET and HEAD of a few built-in files, and of the API as the read socket serves it.
 */
#ifndef SLASH64_DAEMON_PAGE_PAGE_H
#define SLASH64_DAEMON_PAGE_PAGE_H

struct daemon;
struct error;
struct page;

/* Listens where the configuration says, if it is not off, and if it does not listen yet. A failure
 * is told and retried, and is no reason to filter nothing: health has it meanwhile.
 */
void page_start(struct daemon *daemon);
/* The same, at intervals, until it works. */
void page_retry(struct daemon *daemon);

/* A change of the address, as a part of a reload: reserves the new one, and takes no connection there
 * as long as the reload may still be refused. *out is NULL if it is off, unchanged, or the old
 * listener is in the way. The error says what to do.
 */
int page_prepare(struct daemon *daemon, const char *listen, struct page **out, struct error *error);
/* The configuration in force names the new address: its page replaces the old one. */
void page_commit(struct daemon *daemon, struct page *fresh, const char *before);

/* NULL is fine. */
void page_free(struct page *page);
void page_stop(struct daemon *daemon);

#endif
