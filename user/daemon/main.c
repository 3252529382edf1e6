// SPDX-License-Identifier: GPL-2.0-only
/* slash64d: loads the maps, attaches the program, and keeps both as the operator wants. */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "announce.h"
#include "daemon/blackholes/blackholes.h"
#include "kernel/bridges.h"
#include "check.h"
#include "confirm.h"
#include "daemon/api/json/undo_json.h"
#include "daemon/api/endpoints/captures/captures.h"
#include "daemon/api/endpoints/overview.h"
#include "daemon/page/page.h"
#include "daemon/stats/history.h"
#include "daemon/stats/source_histogram.h"
#include "daemon/api/http/server.h"
#include "daemon.h"
#include "daemon/attach/egress/proof.h"
#include "daemon/detect/proposals.h"
#include "daemon/events/capture.h"
#include "daemon/import/feed_watcher.h"
#include "daemon/import/session.h"
#include "daemon/netlink/link_monitor.h"
#include "base/log.h"
#include "map_upgrade.h"
#include "options.h"
#include "daemon/loop/memory_pieces.h"
#include "maps/source_rules_map.h"
#include "daemon/api/metrics/prometheus.h"
#include "base/permission.h"
#include "base/time.h"
#include "daemon/loop/aside.h"
#include "daemon/loop/priority.h"
#include "daemon/loop/turns.h"
#include "privileges.h"
#include "sd_notify.h"
#include "take_off.h"
#include "upkeep.h"

#define SAMPLES_MS	200
#define RATES_MS	1000
#define LISTEN_RETRY_MS 5000

#define FILES_MAX 65536

/* --- start --- */

/* Only one slash64d writes a set of maps: the lock is in the state directory. */
static int lock_state(const char *directory, struct error *error)
{
	char hint[PERMISSION_HINT_MAX], path[PATH_MAX];
	int fd;

	if (mkdir(directory, 0750) && errno != EEXIST)
		return error_set(error, -errno, "cannot make the state directory %s: %s", directory,
				 strerror(errno));
	snprintf(path, sizeof(path), "%s/lock", directory);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) {
		fd = -errno;
		return error_set(error, fd, "cannot open %s: %s%s", path, strerror(-fd),
				 permission_hint(PERMISSION_FILE, fd, hint));
	}
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return error_set(error, -EBUSY,
				 "another slash64d runs on the state directory %s; stop it first",
				 directory);
	}
	return fd; /* held until the process ends */
}

/* By the rules in force, if the maps have some: the rules of the configuration come into force with
 * everything else in it, or not at all.
 */
static int load_blocks(struct daemon *daemon, struct error *error)
{
	struct source_rules rules = daemon->config.rules;

	if (daemon->maps_state == MAPS_ADOPTED)
		source_rules_in_force(&rules, &daemon->maps);
	return blocks_init(&daemon->blocks, daemon->store, &daemon->blocklist, &daemon->prefixes,
			   &daemon->maps, daemon->before.meta ? &daemon->before : NULL, &rules,
			   error);
}

static int start_history(struct daemon *daemon, struct error *error)
{
	daemon->history = history_new();
	return daemon->history ? 0 : error_set(error, -ENOMEM, "out of memory");
}

static void feed(void *data, const struct s64_sample *sample)
{
	struct daemon *daemon = data;

	detect_feed(&daemon->proposals->detect, sample);
	source_histogram_feed(daemon->histogram, sample);
}

static void feed_detection(struct daemon *daemon)
{
	daemon->samples.feed = feed;
	daemon->samples.feed_data = daemon;
}

/* Opens everything, and brings the maps to the store. Nothing of the configuration is in force yet.
 */
static int start(struct daemon *daemon, struct error *error)
{
	const struct config *config = &daemon->config;
	int err;

	err = map_upgrade_prepare(config->pins, error);
	if (!err)
		err = map_upgrade_lock(config->pins, error);
	if (!err)
		err = map_upgrade_open(daemon, error);
	if (!err)
		limiter_count_start(&daemon->limiter, &daemon->maps);
	if (!err)
		err = store_open(&daemon->store, config->state, error);
	if (!err)
		err = announce_start(&daemon->announce, daemon->store, daemon->base, error);
	if (!err)
		store_set_undo_writer(daemon->store, &undo_json_writer);
	if (!err)
		err = map_upgrade_carry_unnamed(daemon, error);
	if (!err)
		err = sources_init(&daemon->blocklist, &daemon->maps, error);
	if (!err)
		err = prefixes_init(&daemon->prefixes, &daemon->maps, error);
	if (!err)
		err = protected_addresses_start(&daemon->protection, daemon->base, error);
	if (!err)
		err = load_blocks(daemon, error);
	if (!err)
		err = imports_start(&daemon->imports, daemon->base, &daemon->blocks,
				    daemon->protection, error);
	if (!err)
		err = feeds_start(&daemon->feeds, daemon->turns, daemon->imports, config, error);
	if (!err)
		err = samples_init(&daemon->samples, &daemon->maps, error);
	if (!err)
		err = start_history(daemon, error);
	if (!err)
		capture_forget(&daemon->maps);
	if (!err)
		err = source_histogram_open(&daemon->histogram, daemon->store, error);
	if (!err)
		err = proposals_start(&daemon->proposals, &daemon->blocks, daemon->protection,
				      &daemon->maps.meta->seed, error);
	if (!err)
		err = proof_start(&daemon->proof, &daemon->maps, config->pins, error);
	if (!err) {
		proposals_count_exactly(daemon->proposals, &daemon->maps);
		daemon->proposals->packets.aside = daemon->aside;
		feed_detection(daemon);
	}
	if (!err)
		err = addresses_start(&daemon->addresses, daemon->base, &daemon->maps, error);
	if (!err)
		err = ifaces_init(&daemon->ifaces, &daemon->maps, daemon->store, config->pins,
				  error);
	if (!err) {
		daemon->ifaces.begins_anew = captures_slot_begins_anew;
		daemon->ifaces.begins_anew_data = daemon;
	}
	return err;
}

/* --- the event loop --- */

static void on_stop(evutil_socket_t signal_number, short what, void *data)
{
	struct daemon *daemon = data;

	(void)what;
	log_info("stopping on %s", strsignal(signal_number));
	event_base_loopbreak(daemon->base);
}

static void reload(void *data)
{
	struct error error;

	if (daemon_reload(data, &actor_itself, &error) < 0)
		log_error("not reloaded, the old configuration stays in force: %s", error.text);
	else
		log_info("reloaded %s", ((struct daemon *)data)->config.file);
}

static void on_hangup(evutil_socket_t signal_number, short what, void *data)
{
	(void)signal_number;
	(void)what;
	changes_run(((struct daemon *)data)->changes, reload, data);
}

static void on_samples(evutil_socket_t fd, short what, void *data)
{
	struct daemon *daemon = data;

	(void)fd;
	(void)what;
	samples_drain(&daemon->samples, &daemon->blocks);
	source_histogram_tick(daemon->histogram, clock_monotonic_ms(), time(NULL));
	proposals_tick(daemon->proposals, clock_monotonic_ms(), daemon->changes);
	proposals_keep_packets(daemon->proposals, clock_monotonic_ms(),
			       daemon->capture ?
				       -1 :
				       (int64_t)clock_monotonic_ms() - daemon->capture_ended_ms);
}

static void on_rates(evutil_socket_t fd, short what, void *data)
{
	struct daemon *daemon = data;

	(void)fd;
	(void)what;
	ifaces_tick(&daemon->ifaces);
	proof_tick(daemon->proof, &daemon->ifaces);
	for (uint32_t i = 0; i < daemon->maps.meta->iface_slots; i++)
		if (daemon->ifaces.entry[i])
			history_add_rate(daemon->history, &daemon->ifaces.entry[i]->rate);
	history_tick(daemon->history, clock_monotonic_ms());
}

static void on_limiter(evutil_socket_t fd, short what, void *data)
{
	struct daemon *daemon = data;

	(void)fd;
	(void)what;
	limiter_count_step(&daemon->limiter, &daemon->maps);
}

/* What could not listen. */
static void on_listen(evutil_socket_t fd, short what, void *data)
{
	struct daemon *daemon = data;
	struct error ignored;

	(void)fd;
	(void)what;
	page_retry(daemon);
	if (daemon->metrics || !strcmp(daemon->config.metrics, "off"))
		return;
	if (!metrics_listen(daemon, &ignored))
		log_info("metrics on %s: listening now", daemon->config.metrics);
}

static int add_timer(struct daemon *daemon, event_callback_fn function, int ms)
{
	struct timeval span = {ms / 1000, ms % 1000 * 1000};

	return daemon_add_event(daemon, event_new(daemon->base, -1, EV_PERSIST, function, daemon),
				&span);
}

static int add_signal(struct daemon *daemon, int signal_number, event_callback_fn function)
{
	return daemon_add_event(daemon, evsignal_new(daemon->base, signal_number, function, daemon),
				NULL);
}

static int add_events(struct daemon *daemon, struct error *error)
{
	if (add_timer(daemon, on_samples, SAMPLES_MS) || add_timer(daemon, on_rates, RATES_MS) ||
	    add_timer(daemon, on_limiter, LIMITER_STEP_MS) ||
	    add_timer(daemon, on_listen, LISTEN_RETRY_MS) || add_signal(daemon, SIGTERM, on_stop) ||
	    add_signal(daemon, SIGINT, on_stop) || add_signal(daemon, SIGHUP, on_hangup))
		return error_set(error, -ENOMEM, "out of memory");
	return 0;
}

/* --- end --- */

/* The datapath stays, unless the configuration says otherwise. */
static void stop(struct daemon *daemon)
{
	if (daemon->config.detach_on_exit)
		proof_remove(daemon->proof);
	if (daemon->config.detach_on_exit && ifaces_detach_all(&daemon->ifaces)) {
		log_error("not detached everywhere: the rest stays in force");
	} else if (daemon->config.detach_on_exit) {
		map_upgrade_unpin(daemon);
		log_info("detached everywhere, as on_exit says");
	} else {
		log_info("the datapath stays in force");
	}
}

static void keep_counts(struct daemon *daemon)
{
	struct error error;
	int err;

	samples_drain(&daemon->samples, &daemon->blocks);
	if (hits_kept_write_all(&daemon->blocks, time(NULL), &error) < 0)
		log_error("hits of the last minute were lost: %s", error.text);
	while ((err = source_histogram_write(daemon->histogram, HISTOGRAM_PIECE, &error)) > 0)
		;
	if (err)
		log_error("rates of sources of the last minutes were lost: %s", error.text);
}

static void release(struct daemon *daemon)
{
	daemon_free_events(daemon);
	confirm_stop(daemon->confirm);
	upkeep_stop(daemon->upkeep);
	links_stop(daemon->links);
	if (daemon->ifaces.maps)
		ifaces_free(&daemon->ifaces);
	addresses_stop(daemon->addresses);
	samples_free(&daemon->samples);
	history_free(daemon->history);
	proposals_stop(daemon->proposals);
	source_histogram_close(daemon->histogram);
	proof_stop(daemon->proof);
	feeds_stop(daemon->feeds);
	imports_stop(daemon->imports);
	protected_addresses_stop(daemon->protection);
	blocks_free(&daemon->blocks);
	prefixes_free(&daemon->prefixes);
	sources_free(&daemon->blocklist);
	changes_stop(daemon->changes);
	announce_stop(daemon->announce);
	store_close(daemon->store);
	if (daemon->maps.meta)
		maps_close(&daemon->maps);
	if (daemon->before.meta)
		maps_close(&daemon->before);
	config_free(&daemon->config);
}

/* If filtering is already in force, a failure to serve the metrics is no reason not to take it
 * over: it is retried until it works. A first start fails at once.
 */
static int listen_metrics(struct daemon *daemon, struct error *error)
{
	int err = metrics_listen(daemon, error);

	if (err && err != -EINVAL && daemon->maps_state != MAPS_NEW) {
		log_error("%s; retrying every %d s, everything else works", error->text,
			  LISTEN_RETRY_MS / 1000);
		return 0;
	}
	return err;
}

/* Restores pins and programs. That is logged in the store, so it waits for a change that has paused. */
static int restore_interfaces(void *data)
{
	struct daemon *daemon = data;

	if (changes_are_busy(daemon->changes))
		return -EAGAIN;
	map_upgrade_repin(daemon);
	ifaces_repair(&daemon->ifaces);
	return 0;
}

static int start_priority(struct daemon *daemon, struct error *error)
{
	static const struct timeval span = {PRIORITY_BACK_MS / 1000,
					    PRIORITY_BACK_MS % 1000 * 1000};
	struct event *back;
	int err = priority_start(daemon->base, &back, error);

	if (!err && back && daemon_add_event(daemon, back, &span))
		err = error_set(error, -ENOMEM, "out of memory");
	return err;
}

/* Everything is in force: serves until a signal ends it. */
static void run(struct daemon *daemon)
{
	ifaces_started(&daemon->ifaces);
	proof_tick(daemon->proof, &daemon->ifaces);
	log_info("ready: version %s, control on %s, metrics on %s%s", SLASH64_VERSION,
		 daemon->config.socket, daemon->config.metrics,
		 daemon->metrics || !strcmp(daemon->config.metrics, "off") ? "" : " not yet");
	event_base_dispatch(daemon->base);
	changes_finish(daemon->changes);
	keep_counts(daemon);
	service_stopping();
	stop(daemon);
}

static int serve(struct daemon *daemon, struct error *error)
{
	struct control control = {};
	struct error warning;
	int err;

	/* nobody has to be served during a start */
	err = changes_start(&daemon->changes, daemon->turns, error);
	if (!err)
		err = store_follow_changes(daemon->store, daemon->changes, error);
	if (!err)
		err = add_events(daemon, error);
	if (!err)
		err = upkeep_start(&daemon->upkeep, daemon, error);
	if (!err)
		err = control_listen(daemon, &control, error);
	if (!err)
		err = listen_metrics(daemon, error);
	if (!err)
		page_start(daemon);
	/* Reported, but no reason to leave the other interfaces open. */
	if (!err && bridges_check(&daemon->config, &warning))
		log_warning("%s", warning.text);
	if (!err)
		err = links_start(&daemon->links, daemon->base, restore_interfaces, daemon, error);
	if (!err)
		err = confirm_start(&daemon->confirm, daemon, error);
	/* Last, when only dropping privileges can still fail. */
	if (!err)
		err = daemon_start(daemon, error);
	if (!err) {
		ifaces_sweep(&daemon->ifaces);
		if (daemon->maps_state == MAPS_BESIDE) /* the program in force goes with its maps */
			ifaces_started(&daemon->ifaces);
		map_upgrade_commit(daemon);
		err = start_priority(daemon, error);
	}
	if (!err)
		err = privileges_drop(daemon, error);
	blocks_follow_changes(&daemon->blocks, daemon->changes);
	if (!err)
		err = blackholes_start(&daemon->blackholes, daemon, error);
	if (!err)
		err = service_ready(daemon, error);
	if (!err) {
		run(daemon);
	} else if (daemon->ifaces.starting) {
		ifaces_undo_start(&daemon->ifaces);
	}
	blackholes_stop(daemon->blackholes);
	daemon->blackholes = NULL;
	captures_stop(daemon);
	page_stop(daemon);
	control_close(daemon, &control);
	metrics_close(daemon);
	metrics_text_free(daemon);
	overview_free(daemon->overview);
	daemon->overview = NULL;
	return err;
}

/* A descriptor for each map, and for each connection. */
static void raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur >= FILES_MAX)
		return;
	files.rlim_cur = files.rlim_max < FILES_MAX ? files.rlim_max : FILES_MAX;
	setrlimit(RLIMIT_NOFILE, &files);
}

/* While no other slash64d runs on the state directory, if there is one. */
static int take_off_alone(const struct config *config, struct error *error)
{
	int lock = access(config->state, F_OK) ? 0 : lock_state(config->state, error);

	return lock < 0 ? lock : take_off(config, error);
}

int main(int argc, char **argv)
{
	struct daemon daemon = {};
	struct options options;
	struct error error;
	int code, err, lock;

	code = options_parse(argc, argv, &options);
	if (code >= 0)
		return code;
	raise_limits();
	memory_pieces_begin();
	attach_init();
	signal(SIGPIPE, SIG_IGN);

	err = config_load(&daemon.config, options.config, &error);
	if (err) {
		log_error("%s", error.text);
		return 1;
	}
	if (options.check) {
		err = check_tell(&daemon.config);
		config_free(&daemon.config);
		return err ? 1 : 0;
	}
	err = privileges_check(&error);
	if (err) {
		log_error("%s", error.text);
		config_free(&daemon.config);
		return 1;
	}
	if (options.take_off) {
		err = take_off_alone(&daemon.config, &error);
		if (err)
			log_error("%s", error.text);
		config_free(&daemon.config);
		return err ? 1 : 0;
	}
	daemon.started_s = clock_monotonic_s();
	daemon.base = event_base_new();
	lock = lock_state(daemon.config.state, &error);
	err = lock < 0 ? lock : confirm_before_start(&daemon.config, &error);
	daemon.turns = turns_new(daemon.base);
	daemon.aside = aside_new(daemon.base);
	if (!err && (!daemon.turns || !daemon.aside))
		err = error_set(&error, -ENOMEM, "out of memory");
	if (!err)
		err = start(&daemon, &error);
	if (!err)
		err = serve(&daemon, &error);
	if (err) {
		log_error("%s", error.text);
		map_upgrade_undo(&daemon);
	}
	release(&daemon);
	aside_free(daemon.aside);
	turns_free(daemon.turns);
	event_base_free(daemon.base);
	if (lock >= 0)
		close(lock);
	return err ? 1 : 0;
}
