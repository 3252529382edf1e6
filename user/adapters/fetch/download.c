// SPDX-License-Identifier: GPL-2.0-only
#include "download.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "service/protocols.h"
#include "service/secret.h"

#define CONNECT_MAX_MS 15000L
#define REDIRECTS_MAX  5L
#define KEY_MAX	       512
#define LINE_MAX_      (KEPT_TEXT_MAX + KEY_MAX)

struct transfer {
	const struct fetch_feed *feed;
	struct download *out;
	bool is_too_large, out_of_memory;
};

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
	struct transfer *transfer = user;
	struct download *out = transfer->out;
	size_t bytes = size * count;

	transfer->is_too_large = out->bytes + bytes > transfer->feed->size;
	transfer->out_of_memory = !transfer->is_too_large &&
				  array_reserve(&out->text, &out->room, out->bytes + bytes + 1, 1);
	if (transfer->is_too_large || transfer->out_of_memory)
		return 0;
	memcpy(out->text + out->bytes, data, bytes);
	out->bytes += bytes;
	return bytes;
}

static void take_header(char out[KEPT_TEXT_MAX], const char *line, size_t bytes, const char *name)
{
	size_t n = strlen(name);

	if (bytes <= n || strncasecmp(line, name, n))
		return;
	for (line += n, bytes -= n; bytes && *line == ' '; line++)
		bytes--;
	while (bytes && strchr("\r\n ", line[bytes - 1]))
		bytes--;
	/* a longer one would be another one */
	snprintf(out, KEPT_TEXT_MAX, "%.*s", bytes < KEPT_TEXT_MAX ? (int)bytes : 0, line);
}

static size_t on_header(char *line, size_t size, size_t count, void *user)
{
	struct transfer *transfer = user;

	/* of the last answer, after redirections */
	if (size * count > 5 && !memcmp(line, "HTTP/", 5))
		transfer->out->etag[0] = transfer->out->modified[0] = '\0';
	take_header(transfer->out->etag, line, size * count, "etag:");
	take_header(transfer->out->modified, line, size * count, "last-modified:");
	return size * count;
}

/* Takes over the list; NULL if out of memory. */
static struct curl_slist *add(struct curl_slist *headers, const char *name, const char *value)
{
	struct curl_slist *more;
	char line[LINE_MAX_];

	snprintf(line, sizeof(line), "%s: %s", name, value);
	more = headers ? curl_slist_append(headers, line) : NULL;
	if (!more)
		curl_slist_free_all(headers);
	return more;
}

static struct curl_slist *make_headers(const struct fetch_feed *feed, const struct kept *kept,
				       struct error *error)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Accept: */*");
	char key[KEY_MAX];

	if (feed->header[0]) {
		if (secret_read(feed->key_file, key, sizeof(key), error)) {
			curl_slist_free_all(headers);
			return NULL;
		}
		headers = add(headers, feed->header, key);
	}
	if (kept && kept->etag[0])
		headers = add(headers, "If-None-Match", kept->etag);
	if (kept && kept->modified[0])
		headers = add(headers, "If-Modified-Since", kept->modified);
	if (!headers)
		error_set(error, -ENOMEM, "out of memory");
	return headers;
}

static void set_options(CURL *curl, struct transfer *transfer, const char *ca,
			const struct curl_slist *headers)
{
	curl_easy_setopt(curl, CURLOPT_URL, transfer->feed->url);
	protocols_allow(curl, "https", "https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(curl, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MAX_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)transfer->feed->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "slash64-fetch/" SLASH64_VERSION);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	if (ca[0])
		curl_easy_setopt(curl, CURLOPT_CAINFO, ca);
}

static int judge(CURL *curl, CURLcode code, const struct transfer *transfer, bool may_be_same,
		 struct error *error)
{
	const char *url = transfer->feed->url;
	long status = 0;

	if (transfer->is_too_large)
		return error_set(error, -EFBIG,
				 "%s has more than %u bytes; raise 'size' if that is right", url,
				 transfer->feed->size);
	if (transfer->out_of_memory)
		return error_set(error, -ENOMEM, "out of memory for %s", url);
	if (code != CURLE_OK)
		return error_set(error, -EIO, "cannot fetch %s: %s", url, curl_easy_strerror(code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200 || (status == 304 && may_be_same)) {
		transfer->out->is_modified = status == 200;
		return 0;
	}
	return error_set(error, -EREMOTEIO, "cannot fetch %s: HTTP status %ld", url, status);
}

int download(const struct fetch_feed *feed, const char *ca, const struct kept *kept,
	     struct download *out, struct error *error)
{
	struct transfer transfer = {feed, out, false, false};
	struct curl_slist *headers;
	curl_off_t retry_s = 0;
	CURL *curl;
	int err;

	*out = (struct download){};
	headers = make_headers(feed, kept, error);
	if (!headers)
		return -EIO;
	curl = curl_easy_init();
	if (curl) {
		set_options(curl, &transfer, ca, headers);
		err = judge(curl, curl_easy_perform(curl), &transfer, kept, error);
		if (err && !curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_s))
			out->retry_s = retry_s;
	} else {
		err = error_set(error, -ENOMEM, "out of memory");
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return err;
}

/* --- is it a list? --- */

static bool on_entry(const struct feed_entry *entry, void *data)
{
	return true;
}

static void on_problem(unsigned int line, const char *text, void *data)
{
}

int64_t download_check(const struct fetch_feed *feed, const struct download *got,
		       struct error *error)
{
	static const struct feed_callbacks callbacks = {on_entry, on_problem, NULL};
	struct feed *list = feed_open(feed->format, &callbacks, NULL);
	int64_t entries;
	bool is_cut;

	if (!list || feed_text(list, got->text ? got->text : "", got->bytes) == -ENOMEM) {
		feed_close(list);
		return error_set(error, -ENOMEM, "out of memory for %s", feed->url);
	}
	feed_end(list, NULL);
	entries = feed_entries(list);
	is_cut = feed_is_incomplete(list);
	feed_close(list);
	if (!entries)
		return error_set(
			error, -EBADMSG,
			"%s has no prefix to block; the list before is kept; is 'format' right?",
			feed->url);
	if (is_cut)
		return error_set(error, -EBADMSG, "%s was cut short; the list before is kept",
				 feed->url);
	return entries;
}
