// SPDX-License-Identifier: GPL-2.0-only
#include "why.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/http/reply.h"
#include "base/text/utf8.h"

static int take(struct evhttp_request *request, const char *name, char **out, struct error *error)
{
	char *text = *out = request_parameter(request, name);
	size_t n, left = text ? strlen(text) : 0;

	if (left >= REASON_TEXT_MAX)
		return error_set(error, -EINVAL, "'%s' must have at most %d bytes", name,
				 REASON_TEXT_MAX - 1);
	for (; left; left -= n, text += n) {
		n = utf8_bytes((const unsigned char *)text, left);
		if (!n)
			return error_set(error, -EINVAL, "'%s' must be UTF-8", name);
		if (utf8_is_control((const unsigned char *)text))
			return error_set(error, -EINVAL, "'%s' must have no control characters",
					 name);
	}
	return 0;
}

int request_why(struct evhttp_request *request, struct request_why *why, struct error *error)
{
	int err;

	*why = (struct request_why){};
	err = take(request, "reason", &why->reason, error);
	if (!err)
		err = take(request, "ticket", &why->ticket, error);
	why->why = (struct blocks_why){why->reason, why->ticket};
	return err;
}

void request_why_free(struct request_why *why)
{
	free(why->reason);
	free(why->ticket);
	*why = (struct request_why){};
}
