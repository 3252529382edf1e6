// SPDX-License-Identifier: GPL-2.0-only
/* slash64-notify: tells others what slash64d did. It follows the log over the read socket, and needs
 * no rights.
 */
#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "notify.h"
#include "service/metrics.h"
#include "service/program.h"

bool notify_stops(void *data)
{
	return ((struct notify *)data)->stops;
}

void notify_wait(struct notify *notify, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&notify->mutex);
	if (!notify->stops)
		pthread_cond_timedwait(&notify->more, &notify->mutex, &until);
	pthread_mutex_unlock(&notify->mutex);
}

void notify_wake(struct notify *notify)
{
	pthread_mutex_lock(&notify->mutex);
	pthread_cond_broadcast(&notify->more);
	pthread_mutex_unlock(&notify->mutex);
}

/* --- its threads --- */

static int start_thread(pthread_t *thread, bool *is_running, void *(*run)(void *), void *data,
			struct error *error)
{
	int err = pthread_create(thread, NULL, run, data);

	*is_running = !err;
	return err ? error_set(error, -err, "cannot start a thread: %s", strerror(err)) : 0;
}

static int start(struct notify *notify, struct error *error)
{
	const char *names[RECEIVERS_MAX + 1] = {};
	int err;

	for (size_t i = 0; i < notify->settings.receiver_count; i++)
		names[i] = notify->settings.receiver[i].name;
	err = queue_open(&notify->queue, notify->settings.state, notify->settings.queue, error);
	if (!err)
		err = queue_set_receivers(notify->queue, names, error);
	for (size_t i = 0; !err && i < notify->settings.receiver_count; i++) {
		struct delivery *delivery = &notify->delivery[i];

		delivery->notify = notify;
		delivery->receiver = &notify->settings.receiver[i];
		err = start_thread(&delivery->thread, &delivery->is_running, deliver_changes,
				   delivery, error);
	}
	if (!err)
		err = start_thread(&notify->follower, &notify->is_following, follow_log, notify,
				   error);
	return err;
}

static void stop(struct notify *notify)
{
	notify->stops = true;
	notify_wake(notify);
	if (notify->is_following)
		pthread_join(notify->follower, NULL);
	for (size_t i = 0; i < notify->settings.receiver_count; i++)
		if (notify->delivery[i].is_running)
			pthread_join(notify->delivery[i].thread, NULL);
	queue_close(notify->queue);
	notify->queue = NULL;
}

/* --- its life --- */

static void on_end(evutil_socket_t number, short what, void *data)
{
	event_base_loopbreak(data);
}

static int serve(struct notify *notify, struct error *error)
{
	struct event_base *base = event_base_new();
	struct event *term = base ? evsignal_new(base, SIGTERM, on_end, base) : NULL;
	struct event *interrupt = base ? evsignal_new(base, SIGINT, on_end, base) : NULL;
	struct evhttp *metrics = NULL;
	int err = 0;

	if (!term || !interrupt || event_add(term, NULL) || event_add(interrupt, NULL))
		err = error_set(error, -ENOMEM, "out of memory");
	if (!err && notify->settings.metrics[0]) {
		metrics = metrics_serve(base, notify->settings.metrics, notify_write_metrics,
					notify, error);
		err = metrics ? 0 : -EADDRNOTAVAIL;
	}
	if (!err)
		err = start(notify, error);
	if (!err) {
		log_info("slash64-notify %s tells %zu receivers", SLASH64_VERSION,
			 notify->settings.receiver_count);
		sd_notify(0, "READY=1");
		event_base_dispatch(base);
		sd_notify(0, "STOPPING=1");
	}
	stop(notify);
	if (metrics)
		evhttp_free(metrics);
	if (term)
		event_free(term);
	if (interrupt)
		event_free(interrupt);
	if (base)
		event_base_free(base);
	return err;
}

static const struct program program = {
	.name = "slash64-notify",
	.usage = "usage: slash64-notify [--config FILE] [--check]\n"
		 "\n"
		 "  --config FILE  the configuration, by default " SETTINGS_FILE_DEFAULT "\n"
		 "  --check        check the configuration, and do nothing else\n"
		 "  --version      print the version\n"
		 "  --help         print this help\n"
		 "\n"
		 "See slash64-notify(8).\n",
};

static void tell_warning(unsigned int line, const char *text, void *data)
{
	log_warning("%s:%u: %s", (const char *)data, line, text);
}

static int fail(const struct error *error)
{
	fprintf(stderr, "slash64-notify: %s\n", error->text);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static struct notify notify = {.mutex = PTHREAD_MUTEX_INITIALIZER,
				       .more = PTHREAD_COND_INITIALIZER};
	struct program_line line = {.config = SETTINGS_FILE_DEFAULT};
	struct error error;
	int err, code = program_read_line(&program, argc, argv, &line);

	if (code >= 0)
		return code;
	err = settings_load(&notify.settings, line.config, &error);
	if (err)
		return fail(&error);
	settings_check(&notify.settings, tell_warning, (void *)line.config);
	if (line.check) {
		printf("%s is valid: %zu receiver%s\n", line.config, notify.settings.receiver_count,
		       notify.settings.receiver_count == 1 ? "" : "s");
		settings_free(&notify.settings);
		return EXIT_SUCCESS;
	}
	signal(SIGPIPE, SIG_IGN);
	srandom(getpid());
	if (gethostname(notify.host, sizeof(notify.host) - 1))
		strcpy(notify.host, "localhost");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	err = serve(&notify, &error);
	settings_free(&notify.settings);
	curl_global_cleanup();
	return err ? fail(&error) : EXIT_SUCCESS;
}
