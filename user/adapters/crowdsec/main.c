// SPDX-License-Identifier: GPL-2.0-only
/* slash64-crowdsec: a bouncer. What a CrowdSec LAPI decides is in force at slash64d. */
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/set/set.h"
#include "base/log.h"
#include "base/time.h"
#include "decisions.h"
#include "lapi.h"
#include "service/program.h"
#include "service/service.h"
#include "service/told.h"

#define SYNC_MS 1000			 /* slash64d is tried again, and leases are renewed */
#define ALL_MS	(60 * MINUTE_S * 1000LL) /* all decisions are asked for again */
/* After changes, all are asked for too, as often as it takes no more than that part of the time: what the LAPI stores
 * while it answers is in no later answer about changes (crowdsec 2014).
 */
#define ALL_SHARE 20

struct crowdsec {
	struct crowdsec_settings settings;
	struct set *set;
	struct lapi *lapi;
	struct decisions *decisions;
	struct told told_lapi, told_slash64d;
	bool changes;	  /* since all were the same twice */
	int64_t soon_ms;  /* monotonic: when to ask for all if there were */
	bool needs_all;	  /* what the LAPI thinks that we have is not known */
	int64_t all_ms;	  /* monotonic: when to ask for all */
	uint64_t invalid; /* decisions without a prefix, told */
};

static void write_metrics(struct evbuffer *out, void *data)
{
	struct crowdsec *crowdsec = data;

	set_write_metrics(&crowdsec->set, 1, "crowdsec", out);
}

static int failed(struct crowdsec *crowdsec, const char *why, const struct error *error)
{
	/* the LAPI may have counted the answer as received */
	crowdsec->needs_all = true;
	set_source_failed(crowdsec->set, why);
	told_warning(&crowdsec->told_lapi, error);
	return -EIO;
}

static void tell_invalid(struct crowdsec *crowdsec)
{
	uint64_t invalid = lapi_left_out(crowdsec->lapi, STREAM_INVALID);

	if (invalid && invalid != crowdsec->invalid)
		log_warning("%llu decisions of %s are not of an address or a prefix; left out",
			    (unsigned long long)invalid, crowdsec->settings.url);
	crowdsec->invalid = invalid ? invalid : crowdsec->invalid;
}

/* When to ask for all again. */
static void plan_next(struct crowdsec *crowdsec, bool is_all, bool changes, int64_t begin_ms)
{
	int64_t now_ms = clock_monotonic_ms();

	crowdsec->needs_all = false;
	crowdsec->changes = changes || (crowdsec->changes && !is_all);
	if (is_all) {
		crowdsec->all_ms = now_ms + ALL_MS;
		crowdsec->soon_ms = now_ms + (now_ms - begin_ms) * ALL_SHARE;
	}
}

static int poll_lapi(struct crowdsec *crowdsec)
{
	const struct stream_callbacks callbacks = {decisions_add, crowdsec->decisions};
	int64_t begin_ms = clock_monotonic_ms();
	bool is_all = crowdsec->needs_all || begin_ms >= crowdsec->all_ms ||
		      (crowdsec->changes && begin_ms >= crowdsec->soon_ms);
	const char *why = "";
	struct error error;
	int err;

	decisions_begin(crowdsec->decisions, clock_wall_ms());
	err = lapi_ask(crowdsec->lapi, is_all, &callbacks, &why, &error);
	if (err == -EINTR)
		return err;
	if (err)
		return failed(crowdsec, why, &error);
	err = decisions_apply(crowdsec->decisions, is_all, crowdsec->set);
	if (err < 0) {
		error_set(&error, err, "out of memory for the decisions of %s",
			  crowdsec->settings.url);
		return failed(crowdsec, "local", &error);
	}
	plan_next(crowdsec, is_all, err == 1, begin_ms);
	set_contact(crowdsec->set);
	tell_invalid(crowdsec);
	if (told_end(&crowdsec->told_lapi))
		log_info("%s answers again", crowdsec->settings.url);
	return 0;
}

static void sync_set(struct crowdsec *crowdsec)
{
	struct error error;

	if (set_sync(crowdsec->set, &error))
		told_warning(&crowdsec->told_slash64d, &error);
	else if (told_end(&crowdsec->told_slash64d))
		log_info("slash64d is up to date again");
	crowdsec->needs_all |= set_awaits_list(crowdsec->set);
}

static int work(struct service *service, struct error *error)
{
	struct crowdsec *crowdsec = service->data;

	log_info("slash64-crowdsec %s asks %s", SLASH64_VERSION, crowdsec->settings.url);
	for (int64_t next_ms = 0; !service_stops(service);) {
		int64_t now_ms = clock_monotonic_ms(), left_ms;

		if (now_ms >= next_ms) {
			next_ms = now_ms + crowdsec->settings.interval_ms;
			poll_lapi(crowdsec);
		}
		sync_set(crowdsec);
		left_ms = next_ms - clock_monotonic_ms();
		if (left_ms > 0)
			service_wait(service, left_ms < SYNC_MS ? left_ms : SYNC_MS);
	}
	return 0;
}

static int run(struct crowdsec *crowdsec, struct error *error)
{
	const struct crowdsec_settings *settings = &crowdsec->settings;
	const struct set_options set_options = {settings->socket, settings->origin,
						settings->lease_ms};
	const struct decisions_options options = {settings->origins, settings->scenarios,
						  settings->throttles, settings->rate,
						  settings->burst};
	struct service service = {.name = "crowdsec",
				  .metrics = settings->metrics,
				  .write_metrics = write_metrics,
				  .work = work,
				  .data = crowdsec};
	int err = set_open(&crowdsec->set, &set_options, error);

	crowdsec->needs_all = true;
	if (!err) {
		crowdsec->lapi = lapi_open(settings, service_stops, &service, error);
		crowdsec->decisions = decisions_new(&options);
		err = crowdsec->lapi && crowdsec->decisions ?
			      0 :
			      error_set(error, -ENOMEM, "out of memory");
	}
	if (!err) {
		set_stop_at(crowdsec->set, service_stops, &service);
		err = service_run(&service, error);
	}
	lapi_close(crowdsec->lapi);
	decisions_free(crowdsec->decisions);
	set_close(crowdsec->set);
	return err;
}

static const struct program program = {
	.name = "slash64-crowdsec",
	.usage = "usage: slash64-crowdsec [--config FILE] [--check]\n"
		 "\n"
		 "  --config FILE  the configuration, by default " CROWDSEC_FILE_DEFAULT "\n"
		 "  --check        check the configuration, and do nothing else\n"
		 "  --version      print the version\n"
		 "  --help         print this help\n"
		 "\n"
		 "See slash64-crowdsec(8).\n",
};

int main(int argc, char **argv)
{
	static struct crowdsec crowdsec;
	struct program_line line = {.config = CROWDSEC_FILE_DEFAULT};
	struct error error;
	int err, code = program_read_line(&program, argc, argv, &line);

	if (code >= 0)
		return code;
	err = crowdsec_settings_load(&crowdsec.settings, line.config, &error);
	if (!err && line.check) {
		printf("%s: decisions of %s, every %lld s\n", line.config, crowdsec.settings.url,
		       (long long)crowdsec.settings.interval_ms / 1000);
		return EXIT_SUCCESS;
	}
	if (!err) {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		err = run(&crowdsec, &error);
		curl_global_cleanup();
	}
	if (err)
		fprintf(stderr, "slash64-crowdsec: %s\n", error.text);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
