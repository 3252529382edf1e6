// SPDX-License-Identifier: GPL-2.0-only
/* slash64d: loads the tables, attaches the program, and keeps both to what the operator wants. */
#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "daemon.h"
#include "feeds.h"
#include "imports.h"
#include "log.h"
#include "metrics.h"

#define BPFFS		"/sys/fs/bpf"
#define BPFFS_MAGIC	0xcafe4a11
#define EXPIRE_MS	200 /* ends of blocks, and samples */
#define RATES_MS	1000
#define SWEEP_MS	600000 /* the limiter's times wrap after 4.9 hours */

#define EXIT_USAGE 2

static void usage(FILE *out)
{
	fprintf(out, "usage: slash64d [--config FILE] [--check]\n"
		     "\n"
		     "  --config FILE  the configuration, " CONFIG_FILE_DEFAULT " if not given\n"
		     "  --check        check the configuration, and do nothing else\n"
		     "  --version      tell the version\n"
		     "  --help         this\n"
		     "\n"
		     "See slash64d(8) and slash64.yaml(5).\n");
}

struct options {
	const char *config;
	bool check;
};

/* Returns an exit code, or -1 to go on. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
		{"version", no_argument, NULL, 'v'},	  {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int c;

	options->config = CONFIG_FILE_DEFAULT;
	options->check = false;
	opterr = 0; /* one line, and it is ours */
	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			options->config = optarg;
			break;
		case 'k':
			options->check = true;
			break;
		case 'v':
			printf("slash64d %s\n", SLASH64_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			fprintf(stderr, "slash64d: '%s' %s; 'slash64d --help' tells the options\n",
				argv[optind - 1], optopt == 'c' ? "needs a file" : "is no option");
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "slash64d: '%s' is no option; 'slash64d --help' tells them\n",
			argv[optind]);
		return EXIT_USAGE;
	}
	return -1;
}

/* --- start --- */

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (unsigned long)fs.f_type == BPFFS_MAGIC;
}

/* The directory of the pins; bpffs is mounted below it where it is not. */
static int prepare_pins(const char *pins, struct error *error)
{
	if (!is_bpffs(BPFFS) && mount("bpf", BPFFS, "bpf", 0, "mode=0700"))
		return error_set(error, -errno, "cannot mount bpffs on %s: %s%s", BPFFS,
				 strerror(errno), errno == EPERM ? "; run as root" : "");
	if (mkdir(pins, 0700) && errno != EEXIST)
		return error_set(error, -errno, "cannot make %s: %s; state.pins must be below %s", pins,
				 strerror(errno), BPFFS);
	if (!is_bpffs(pins))
		return error_set(error, -EINVAL, "%s is not on bpffs; state.pins must be below %s", pins,
				 BPFFS);
	return 0;
}

/* Only one slash64d writes a set of tables: the lock lies in the state directory. */
static int lock_state(const char *directory, struct error *error)
{
	char path[PATH_MAX];
	int fd;

	if (mkdir(directory, 0750) && errno != EEXIST)
		return error_set(error, -errno, "cannot make the state directory %s: %s", directory,
				 strerror(errno));
	snprintf(path, sizeof(path), "%s/lock", directory);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(error, -errno, "cannot open %s: %s%s", path, strerror(errno),
				 errno == EACCES ? "; run as root" : "");
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		close(fd);
		return error_set(error, -EBUSY,
				 "another slash64d runs on the state directory %s; stop it first",
				 directory);
	}
	return fd; /* held for the life of the process */
}

static void maps_directory(const struct config *config, char *path, size_t bytes)
{
	snprintf(path, bytes, "%s/maps", config->pins);
}

static void remove_pins(const struct daemon *daemon)
{
	char path[PATH_MAX];

	maps_directory(&daemon->config, path, sizeof(path));
	tables_unpin(path);
	rmdir(daemon->config.pins);
}

static int open_tables(struct daemon *daemon, struct error *error)
{
	const struct config *config = &daemon->config;
	struct tables_size size = {.blocks = config->blocks,
				   .prefixes = config->prefixes,
				   .limiter = config->limiter,
				   .ifaces = config->iface_slots};
	char path[PATH_MAX];
	int err;

	maps_directory(config, path, sizeof(path));
	err = tables_adopt(&daemon->tables, path, error);
	if (!err) {
		const struct s64_meta *meta = daemon->tables.meta;

		log_info("adopted the maps in %s", path);
		if (meta->blocks != size.blocks || meta->prefixes != size.prefixes ||
		    meta->iface_slots != size.ifaces ||
		    meta->limiter_lines != (size.limiter + S64_LIMITER_SLOTS - 1) / S64_LIMITER_SLOTS)
			log_warning("the sizes in the configuration differ from the maps in force; they are taken up when slash64 has been detached everywhere and %s removed",
				    path);
		return 0;
	}
	if (err != -ENOENT)
		return err;
	err = tables_create(&daemon->tables, &size, error);
	if (!err)
		err = tables_pin(&daemon->tables, path, error);
	daemon->tables_are_new = !err;
	return err;
}

/* A start that failed leaves nothing behind that was not there before it. */
static void undo_start(struct daemon *daemon)
{
	if (!daemon->tables_are_new)
		return;
	if (daemon->ifaces.tables)
		ifaces_detach_all(&daemon->ifaces);
	remove_pins(daemon);
}

static int start(struct daemon *daemon, struct error *error)
{
	const struct config *config = &daemon->config;
	int err;

	err = prepare_pins(config->pins, error);
	if (!err)
		err = open_tables(daemon, error);
	if (!err)
		err = store_open(&daemon->store, config->state, error);
	if (!err)
		err = sites_init(&daemon->sites, &daemon->tables, error);
	if (!err)
		err = prefixes_init(&daemon->prefixes, &daemon->tables, error);
	if (!err)
		err = guards_start(&daemon->guards, daemon->base, error);
	if (!err)
		err = daemon_set_peers(daemon, config, error);
	if (!err)
		err = blocks_init(&daemon->blocks, daemon->store, &daemon->sites, &daemon->prefixes,
				  &daemon->tables, &config->rules, error);
	if (!err)
		err = blocks_configure(&daemon->blocks, daemon->guards, config, false, error);
	if (!err)
		err = imports_start(&daemon->imports, daemon->base, &daemon->blocks, daemon->guards, error);
	if (!err)
		err = feeds_start(&daemon->feeds, daemon->base, daemon->imports, config, error);
	if (!err)
		err = samples_init(&daemon->samples, &daemon->tables, error);
	if (!err)
		err = addresses_start(&daemon->addresses, daemon->base, &daemon->tables, error);
	if (!err)
		err = ifaces_init(&daemon->ifaces, &daemon->tables, daemon->store, config->pins, error);
	return err;
}

/* --- the loop --- */

static void on_stop(evutil_socket_t signal_number, short what, void *data)
{
	struct daemon *daemon = data;

	(void)what;
	log_info("stopping on %s", strsignal(signal_number));
	event_base_loopbreak(daemon->base);
}

static void on_hangup(evutil_socket_t signal_number, short what, void *data)
{
	struct error error;

	(void)signal_number;
	(void)what;
	if (daemon_reload(data, &error) < 0)
		log_error("not reloaded, the old configuration stays in force: %s", error.text);
	else
		log_info("reloaded %s", ((struct daemon *)data)->config.file);
}

static void on_expire(evutil_socket_t fd, short what, void *data)
{
	struct daemon *daemon = data;

	(void)fd;
	(void)what;
	blocks_expire(&daemon->blocks);
	samples_drain(&daemon->samples, &daemon->blocks);
}

static void on_rates(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	ifaces_tick(&((struct daemon *)data)->ifaces);
}

static void on_sweep(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	tables_limiter_sweep(&((struct daemon *)data)->tables);
}

/* The daemon keeps the event, added or not. */
static int add_event(struct daemon *daemon, struct event *event, const struct timeval *span)
{
	if (!event)
		return -ENOMEM;
	if (daemon->event_count == DAEMON_EVENTS_MAX) {
		event_free(event);
		return -ENOSPC;
	}
	daemon->event[daemon->event_count++] = event;
	return event_add(event, span) ? -ENOMEM : 0;
}

static int add_timer(struct daemon *daemon, event_callback_fn function, int ms)
{
	struct timeval span = {ms / 1000, ms % 1000 * 1000};

	return add_event(daemon, event_new(daemon->base, -1, EV_PERSIST, function, daemon), &span);
}

static int add_signal(struct daemon *daemon, int signal_number, event_callback_fn function)
{
	return add_event(daemon, evsignal_new(daemon->base, signal_number, function, daemon), NULL);
}

static int add_events(struct daemon *daemon, struct error *error)
{
	if (add_timer(daemon, on_expire, EXPIRE_MS) || add_timer(daemon, on_rates, RATES_MS) ||
	    add_timer(daemon, on_sweep, SWEEP_MS) || add_signal(daemon, SIGTERM, on_stop) || add_signal(daemon, SIGINT, on_stop) ||
	    add_signal(daemon, SIGHUP, on_hangup))
		return error_set(error, -ENOMEM, "out of memory");
	return 0;
}

/* --- end --- */

/* The fast path stays as it is, unless the configuration wants it gone. */
static void stop(struct daemon *daemon)
{
	if (daemon->config.detach_on_exit) {
		ifaces_detach_all(&daemon->ifaces);
		remove_pins(daemon);
		log_info("detached everywhere, as on_exit says");
	} else {
		log_info("the fast path stays in force");
	}
}

static void release(struct daemon *daemon)
{
	while (daemon->event_count)
		event_free(daemon->event[--daemon->event_count]);
	if (daemon->ifaces.tables)
		ifaces_free(&daemon->ifaces);
	addresses_stop(daemon->addresses);
	samples_free(&daemon->samples);
	feeds_stop(daemon->feeds);
	imports_stop(daemon->imports);
	guards_stop(daemon->guards);
	prefixes_free(&daemon->prefixes);
	sites_free(&daemon->sites);
	store_close(daemon->store);
	if (daemon->tables.meta)
		tables_close(&daemon->tables);
	config_free(&daemon->config);
}

static int serve(struct daemon *daemon, struct error *error)
{
	struct evhttp *control = NULL, *metrics = NULL;
	int err;

	err = daemon_check_ifaces(&daemon->config, error);
	if (!err)
		err = add_events(daemon, error);
	if (!err)
		err = control_listen(daemon, &control, error);
	if (!err)
		err = metrics_listen(daemon, &metrics, error);
	/* Last, when nothing else can fail. */
	if (!err) {
		err = ifaces_configure(&daemon->ifaces, &daemon->config, true, error);
		err = err > 0 ? 0 : err;
	}
	if (!err) {
		log_info("ready: version %s, control on %s, metrics on %s", SLASH64_VERSION,
			 daemon->config.socket, daemon->config.metrics);
		event_base_dispatch(daemon->base);
		stop(daemon);
	}
	control_close(daemon, control);
	if (metrics)
		evhttp_free(metrics);
	return err;
}

int main(int argc, char **argv)
{
	struct daemon daemon = {};
	struct options options;
	struct timespec now;
	struct error error;
	int code, err, lock;

	code = parse_options(argc, argv, &options);
	if (code >= 0)
		return code;
	attach_init();
	signal(SIGPIPE, SIG_IGN);

	err = config_load(&daemon.config, options.config, &error);
	if (err || options.check) {
		if (err)
			log_error("%s", error.text);
		else
			printf("%s is valid: %zu interface%s\n", options.config,
			       daemon.config.iface_count, daemon.config.iface_count == 1 ? "" : "s");
		if (!err)
			config_free(&daemon.config);
		return err ? 1 : 0;
	}
	if (geteuid() != 0) {
		log_error("cannot load a BPF program as user %u: run as root", geteuid());
		config_free(&daemon.config);
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	daemon.started = now.tv_sec;
	daemon.base = event_base_new();
	lock = lock_state(daemon.config.state, &error);
	err = lock < 0 ? lock : start(&daemon, &error);
	if (!err)
		err = serve(&daemon, &error);
	if (err) {
		log_error("%s", error.text);
		undo_start(&daemon);
	}
	release(&daemon);
	event_base_free(daemon.base);
	if (lock >= 0)
		close(lock);
	return err ? 1 : 0;
}
