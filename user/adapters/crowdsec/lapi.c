// SPDX-License-Identifier: GPL-2.0-only
#include "lapi.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/protocols.h"
#include "service/secret.h"

#define CONNECT_MAX_MS 10000L
#define QUERY	       "/v1/decisions/stream?startup=%s&scopes=ip,range&dedup=false"

struct lapi {
	const struct crowdsec_settings *settings;
	bool (*stop)(void *data);
	void *stop_data;
	CURL *curl; /* kept between requests: it keeps the connection */
	struct stream *stream;
	int err; /* of the stream */
	uint64_t left_out[STREAM_LEFT_OUT];
};

struct lapi *lapi_open(const struct crowdsec_settings *settings, bool (*stop)(void *data),
		       void *data, struct error *error)
{
	struct lapi *lapi = calloc(1, sizeof(*lapi));

	if (lapi)
		lapi->curl = curl_easy_init();
	if (!lapi || !lapi->curl) {
		free(lapi);
		error_set(error, -ENOMEM, "out of memory");
		return NULL;
	}
	lapi->settings = settings;
	lapi->stop = stop;
	lapi->stop_data = data;
	return lapi;
}

void lapi_close(struct lapi *lapi)
{
	if (!lapi)
		return;
	curl_easy_cleanup(lapi->curl);
	free(lapi);
}

uint64_t lapi_left_out(const struct lapi *lapi, enum stream_left_out why)
{
	return lapi->left_out[why];
}

static size_t on_data(char *data, size_t size, size_t count, void *user)
{
	struct lapi *lapi = user;
	long status = 0;

	curl_easy_getinfo(lapi->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status == 200)
		lapi->err = stream_text(lapi->stream, data, size * count);
	return lapi->err ? 0 : size * count;
}

static int on_progress(void *user, curl_off_t down_max, curl_off_t down, curl_off_t up_max,
		       curl_off_t up)
{
	struct lapi *lapi = user;

	return lapi->stop && lapi->stop(lapi->stop_data);
}

static void set_options(struct lapi *lapi, const char *url, const struct curl_slist *headers)
{
	const struct crowdsec_settings *settings = lapi->settings;
	CURL *curl = lapi->curl;

	curl_easy_reset(curl); /* options only: the connection is kept */
	curl_easy_setopt(curl, CURLOPT_URL, url);
	protocols_allow(curl, "http,https", "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MAX_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)settings->timeout_ms);
	/* the two halves are type and version in `cscli bouncers list` */
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "slash64-crowdsec/" SLASH64_VERSION);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, lapi);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, lapi);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (settings->ca[0])
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca);
	if (settings->cert[0]) {
		curl_easy_setopt(curl, CURLOPT_SSLCERT, settings->cert);
		curl_easy_setopt(curl, CURLOPT_SSLKEY, settings->cert);
	}
}

/* The file is read each time, so that a new key needs no restart. */
static int make_headers(const struct crowdsec_settings *settings, struct curl_slist **headers,
			struct error *error)
{
	char key[CROWDSEC_KEY_MAX], line[CROWDSEC_KEY_MAX + 16];
	int err = 0;

	*headers = NULL;
	if (settings->cert[0])
		return 0;
	if (settings->key_file[0])
		err = secret_read(settings->key_file, key, sizeof(key), error);
	else
		strcpy(key, settings->key);
	if (err)
		return err;
	snprintf(line, sizeof(line), "X-Api-Key: %s", key);
	*headers = curl_slist_append(NULL, line);
	return *headers ? 0 : error_set(error, -ENOMEM, "out of memory");
}

static char *add_words(char *url, CURL *curl, const char *name, const char *words)
{
	char *escaped = url && *words ? curl_easy_escape(curl, words, 0) : NULL, *more = NULL;

	if (!url || !*words)
		return url;
	if (!escaped || asprintf(&more, "%s&%s=%s", url, name, escaped) < 0)
		more = NULL;
	curl_free(escaped);
	free(url);
	return more;
}

static char *make_url(const struct lapi *lapi, bool is_all)
{
	const struct crowdsec_settings *settings = lapi->settings;
	char *url = NULL;

	if (asprintf(&url, "%s" QUERY, settings->url, is_all ? "true" : "false") < 0)
		return NULL;
	url = add_words(url, lapi->curl, "origins", settings->origins);
	return add_words(url, lapi->curl, "scenarios_containing", settings->scenarios);
}

static int refused(const struct lapi *lapi, const char **why, struct error *error)
{
	const struct crowdsec_settings *settings = lapi->settings;
	long status = 0;

	curl_easy_getinfo(lapi->curl, CURLINFO_RESPONSE_CODE, &status);
	*why = "status";
	if (status == 403 || status == 401)
		return error_set(
			error, -EACCES,
			"%s does not know this bouncer (HTTP status %ld); add it with cscli bouncers add, and correct '%s'",
			settings->url, status,
			settings->cert[0]     ? "cert" :
			settings->key_file[0] ? "key_file" :
						"key");
	return error_set(error, -EREMOTEIO,
			 "%s answered with HTTP status %ld; nothing is changed until it answers",
			 settings->url, status);
}

static bool is_of_tls(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR ||
	       code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE ||
	       code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_INVALIDCERTSTATUS;
}

static int broken(const struct lapi *lapi, CURLcode code, const char **why, struct error *error)
{
	const char *url = lapi->settings->url;

	if (lapi->err == -EBADMSG) {
		*why = "format";
		return error_set(error, lapi->err,
				 "the answer of %s is no list of decisions; is it a CrowdSec LAPI?",
				 url);
	}
	if (lapi->err) {
		*why = "too-large";
		return error_set(error, lapi->err, "cannot take the answer of %s: %s", url,
				 strerror(-lapi->err));
	}
	*why = code == CURLE_OPERATION_TIMEDOUT					   ? "timeout" :
	       code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ? "connect" :
	       is_of_tls(code)							   ? "tls" :
										     "broken-off";
	return error_set(error, -EIO, "no decisions from %s: %s; those in force stay", url,
			 curl_easy_strerror(code));
}

static int perform(struct lapi *lapi, const char **why, struct error *error)
{
	CURLcode code = curl_easy_perform(lapi->curl);
	long status = 0;

	if (code == CURLE_ABORTED_BY_CALLBACK)
		return error_set(error, -EINTR, "interrupted");
	if (code != CURLE_OK)
		return broken(lapi, code, why, error);
	curl_easy_getinfo(lapi->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return refused(lapi, why, error);
	lapi->err = stream_end(lapi->stream);
	return lapi->err ? broken(lapi, code, why, error) : 0;
}

int lapi_ask(struct lapi *lapi, bool is_all, const struct stream_callbacks *callbacks,
	     const char **why, struct error *error)
{
	char *url = make_url(lapi, is_all);
	struct curl_slist *headers = NULL;
	int err;

	*why = "local";
	lapi->err = 0;
	lapi->stream = stream_open(callbacks);
	err = url && lapi->stream ? make_headers(lapi->settings, &headers, error) :
				    error_set(error, -ENOMEM, "out of memory");
	if (!err) {
		set_options(lapi, url, headers);
		err = perform(lapi, why, error);
	}
	for (int i = 0; i < STREAM_LEFT_OUT && lapi->stream; i++)
		lapi->left_out[i] = stream_left_out(lapi->stream, i);
	stream_close(lapi->stream);
	curl_slist_free_all(headers);
	free(url);
	return err;
}
