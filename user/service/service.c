// SPDX-License-Identifier: GPL-2.0-only
#include "service.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"

bool service_stops(void *service)
{
	return ((struct service *)service)->stops;
}

bool service_wait_fd(struct service *service, int fd, int64_t ms)
{
	struct pollfd fds[] = {{service->stop_fd, POLLIN, 0}, {fd, POLLIN, 0}};
	int64_t until_ms = clock_monotonic_ms() + ms;
	int n;

	do {
		int64_t left_ms = ms < 0 ? -1 : until_ms - clock_monotonic_ms();

		if (ms >= 0 && left_ms < 0)
			left_ms = 0;
		n = poll(fds, fd < 0 ? 1 : 2, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
	} while (n < 0 && errno == EINTR);
	return n > 0 && !fds[0].revents && fds[1].revents;
}

void service_wait(struct service *service, int64_t ms)
{
	service_wait_fd(service, -1, ms);
}

static void wake(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		log_warning("cannot wake a thread: %s", strerror(errno));
}

static void *work(void *data)
{
	struct service *service = data;

	service->result = service->work(service, service->error);
	wake(service->ended_fd);
	return NULL;
}

static void on_end(evutil_socket_t number, short what, void *data)
{
	event_base_loopbreak(data);
}

static int start(struct service *service, struct error *error)
{
	int err;

	service->error = error;
	err = pthread_create(&service->thread, NULL, work, service);
	return err ? error_set(error, -err, "cannot start a thread: %s", strerror(err)) : 0;
}

static int loop(struct service *service, struct event_base *base, struct error *error)
{
	int err = start(service, error);

	if (err)
		return err;
	sd_notify(0, "READY=1");
	event_base_dispatch(base);
	sd_notify(0, "STOPPING=1");
	service->stops = true;
	wake(service->stop_fd);
	pthread_join(service->thread, NULL);
	return service->result;
}

static int listen_for_signals(struct event_base *base, struct service *service,
			      struct event *events[3], struct error *error)
{
	events[0] = evsignal_new(base, SIGTERM, on_end, base);
	events[1] = evsignal_new(base, SIGINT, on_end, base);
	events[2] = event_new(base, service->ended_fd, EV_READ, on_end, base);
	for (int i = 0; i < 3; i++)
		if (!events[i] || event_add(events[i], NULL))
			return error_set(error, -ENOMEM, "out of memory");
	return 0;
}

int service_run(struct service *service, struct error *error)
{
	struct event_base *base = event_base_new();
	struct event *events[3] = {};
	struct evhttp *metrics = NULL;
	int err;

	signal(SIGPIPE, SIG_IGN);
	service->stop_fd = eventfd(0, EFD_CLOEXEC);
	service->ended_fd = eventfd(0, EFD_CLOEXEC);
	err = base && service->stop_fd >= 0 && service->ended_fd >= 0 ?
		      listen_for_signals(base, service, events, error) :
		      error_set(error, -ENOMEM, "out of memory");
	if (!err && service->metrics[0]) {
		metrics = metrics_serve(base, service->metrics, service->write_metrics,
					service->data, error);
		err = metrics ? 0 : -EADDRNOTAVAIL;
	}
	if (!err)
		err = loop(service, base, error);
	if (metrics)
		evhttp_free(metrics);
	for (int i = 0; i < 3; i++)
		if (events[i])
			event_free(events[i]);
	if (base)
		event_base_free(base);
	if (service->stop_fd >= 0)
		close(service->stop_fd);
	if (service->ended_fd >= 0)
		close(service->ended_fd);
	return err;
}
