/* SPDX-License-Identifier: GPL-2.0-only */
/* The protocols that a transfer of libcurl may use, whichever libcurl it is built with. */
#ifndef SERVICE_PROTOCOLS_H
#define SERVICE_PROTOCOLS_H

#include <curl/curl.h>

/*
 * `protocols` and `redirects` are names separated by commas, of http, https, smtp and smtps; those that a redirection may
 * lead to are ignored unless CURLOPT_FOLLOWLOCATION is set. Returns what libcurl says.
 */
CURLcode protocols_allow(CURL *curl, const char *protocols, const char *redirects);

#endif
