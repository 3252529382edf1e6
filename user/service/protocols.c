// SPDX-License-Identifier: GPL-2.0-only
#include "protocols.h"

#include <string.h>

/* Names came with libcurl 7.85. EL 9 has 7.76, which knows bits only. A test sets it. */
#ifndef PROTOCOLS_ARE_BITS
#define PROTOCOLS_ARE_BITS (LIBCURL_VERSION_NUM < 0x075500)
#endif

#if PROTOCOLS_ARE_BITS

static const struct {
	const char *name;
	long bit;
} protocols_known[] = {
	{"http", CURLPROTO_HTTP},
	{"https", CURLPROTO_HTTPS},
	{"smtp", CURLPROTO_SMTP},
	{"smtps", CURLPROTO_SMTPS},
};

/* 0, which allows nothing, if one of the names is unknown. */
static long bits(const char *names)
{
	long all = 0;

	while (*names) {
		size_t length = strcspn(names, ",");
		long bit = 0;

		for (size_t i = 0; i < sizeof(protocols_known) / sizeof(*protocols_known); i++)
			if (strlen(protocols_known[i].name) == length &&
			    !memcmp(protocols_known[i].name, names, length))
				bit = protocols_known[i].bit;
		if (!bit)
			return 0;
		all |= bit;
		names += length + (names[length] == ',');
	}
	return all;
}

CURLcode protocols_allow(CURL *curl, const char *protocols, const char *redirects)
{
	CURLcode code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS, bits(protocols));

	return code ? code : curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, bits(redirects));
}

#else

CURLcode protocols_allow(CURL *curl, const char *protocols, const char *redirects)
{
	CURLcode code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols);

	return code ? code : curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, redirects);
}

#endif
