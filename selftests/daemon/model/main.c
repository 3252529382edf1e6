// SPDX-License-Identifier: GPL-2.0-only
/* A model of slash64d: its own code, natively, in a simulated world, next to a reference that knows only the promises.
 *   model [--seed N] [--steps N] [--history N] [--tell] [--as-it-is] [--digests]
 * Each history has some hundred steps in a new world and is derived from its seed alone. If --steps is at most the length of a history, the seed is that of the single history. --tell: prints each step. --as-it-is: does not shorten a failure. --digests: a line for each history with its result, which is the same in every run.
 */
#include <event2/event.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "client_readers.h"
#include "main_wraps.h"
#include "model.h"
#include "maps/maps.h"
#include "shrink.h"

#define STEPS_DEFAULT	      100000
#define HISTORY_DEFAULT	      400
#define START_FAULT_PERCENT   20
#define UPGRADE_FAULT_PERCENT 60
#define UPGRADE_LEFT_MAX      12
#define UPGRADE_PERCENT	      10 /* after a kill */
#define START_LEFT_MAX	      90
#define LOST_FAULT_PERCENT    70
#define LOST_LEFT_MAX	      50
#define STARTS_REFUSED_MAX    3
#define PROGRESS_S	      60

static bool has_been_stopped;

/* --- a life: main() of slash64d, up to its loop --- */

int slash64d_main(int argc, char **argv);

static bool is_kept(unsigned int step)
{
	return !shrink_kept || shrink_kept[step];
}

int __wrap_event_base_dispatch(struct event_base *base)
{
	struct chance chance = {world->seed};

	model->start_failed = world->fault_hit;
	world_fault(FAULT_NONE, 0);
	world->in_start = false;
	client_use(base);
	check_open();
	model->begun = true;
	step_resume();
	while (world->at < world->steps) {
		unsigned int step = world->at++;
		uint64_t seed = 0;

		chance.state = world->seed + step * 0x9e3779b97f4a7c15ULL;
		seed = chance_draw(&chance);
		if (!is_kept(step) || step_run(seed))
			continue;
		client_readers_end();
		check_close();
		has_been_stopped = true;
		return 0;
	}
	check_all(&chance, true);
	_exit(LIFE_DONE);
}

static _Noreturn void live(void)
{
	char path[PATHS_MAX + 32];
	char *arguments[] = {"slash64d", "--config", path, NULL};
	int code;

	snprintf(path, sizeof(path), "%s/slash64.yaml", world->directory);
	if (!getenv("MODEL_SPEAKS") && !freopen("/dev/null", "w", stdout))
		abort();
	disk_register();
	world->lives++;
	world->alive = world->in_start = true;
	optind = 1;
	code = slash64d_main(3, arguments);
	if (has_been_stopped && !code)
		_exit(LIFE_STOPPED);
	_exit(LIFE_REFUSED);
}

/* --- a history --- */

static void describe_death(int status)
{
	snprintf(world->failed_rule, sizeof(world->failed_rule), "lives");
	if (WIFSIGNALED(status))
		snprintf(world->failure, sizeof(world->failure), "slash64d died of %s (step: %s)",
			 strsignal(WTERMSIG(status)), model->words);
	else
		snprintf(world->failure, sizeof(world->failure),
			 "slash64d ended with %d (step: %s)", WEXITSTATUS(status), model->words);
}

static void describe_refusal(void)
{
	unsigned int last = world->said_count;

	snprintf(world->failed_rule, sizeof(world->failed_rule), "starts");
	snprintf(world->failure, sizeof(world->failure), "slash64d does not start: %s",
		 last ? world->said[(last - 1) % SAID_MAX] : "it says nothing");
}

/* Faults that may occur during a start. */
static void arm_start(struct chance *chance)
{
	static const enum fault faults[] = {FAULT_KILL, FAULT_KILL, FAULT_POWER,
					    FAULT_FULL, FAULT_EIO,  FAULT_ATTACH};
	/* with the power, the maps would be lost too */
	static const enum fault lost_faults[] = {FAULT_KILL, FAULT_KILL, FAULT_FULL, FAULT_EIO};
	bool upgrades = model->upgrades;

	if (model->lost && chance_percent(chance, LOST_FAULT_PERCENT)) {
		world_fault(lost_faults[chance_below(chance,
						     sizeof(lost_faults) / sizeof(lost_faults[0]))],
			    chance_below(chance, LOST_LEFT_MAX));
		return;
	}
	model->upgrades = false;
	if (!model->begun || model->lost ||
	    !chance_percent(chance, upgrades ? UPGRADE_FAULT_PERCENT : START_FAULT_PERCENT))
		return;
	if (upgrades && chance_percent(chance, 60)) {
		/* between one program and the next */
		world_fault(FAULT_KILL, chance_below(chance, UPGRADE_LEFT_MAX));
		world->fault_place = PLACE_PROGRAM;
		return;
	}
	world_fault(faults[chance_below(chance, sizeof(faults) / sizeof(faults[0]))],
		    chance_below(chance, START_LEFT_MAX));
}

static void first_world(struct chance *chance)
{
	struct ref_config config;
	char path[PATHS_MAX + 16];

	snprintf(path, sizeof(path), "%s/feeds", world->directory);
	mkdir(path, 0700);
	for (unsigned int i = 0; i < 2; i++) {
		world->link[i].ifindex = world->next_ifindex++;
		snprintf(world->link[i].name, sizeof(world->link[i].name), "eth%u", i);
	}
	world->known[0] = (struct model_known){true, MODEL_OWN, address_of_text("2001:db8:0:1::1")};
	world->known[1] = (struct model_known){true, MODEL_NEXT_HOP, address_of_text("192.0.2.1")};
	world->tick_ns = chance_percent(chance, 50) ? 1000 : 200000;
	config_first(&config, chance);
	config_write(&config);
}

/* Writers are done with them. */
static void forget_feeds(void)
{
	static const char *const names[] = {"list", "stream"};
	char path[PATHS_MAX + 32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/feeds/%s", world->directory, names[i]);
		unlink(path);
	}
}

/* It was killed in whatever it did, and another version starts. */
static void upgrade(void)
{
	char path[PATHS_MAX + 32];
	uint32_t layout = OTHER_LAYOUT;
	int fd;

	snprintf(path, sizeof(path), "%s/pins/maps/s64_meta", world->directory);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	if (pwrite(fd, &layout, sizeof(layout), offsetof(struct s64_meta, layout)) ==
	    sizeof(layout)) {
		model->upgrades = true;
		step_covered("another layout after a kill")->done++;
	}
	close(fd);
}

static void between_lives(struct chance *chance)
{
	step_covered(model->step_name)->killed++;
	/* nobody leaves a file that a reload was to load and cannot; one that a start loaded stays,
	 * even if the world starts anew
	 */
	if (model->flight != GROUND && (model->file.is_garbage || model->file.many_allowed ||
					model_has_unknown_iface(&model->file)))
		config_write(&model->now.config);
	forget_feeds();
	if (model->renews) {
		disk_lose();
		world_reboot();
		model_renew();
		routes_forget();
		return;
	}
	if (model->loses)
		disk_lose();
	model->loses = false;
	if (world->died != FAULT_POWER && !model->lost && chance_percent(chance, UPGRADE_PERCENT))
		upgrade();
	if (world->died != FAULT_POWER)
		return;
	disk_cut(chance);
	world_reboot();
	routes_forget();
}

/* External events of a life depend on where it begins, so that leaving out a step (shrink.c) does
 * not change the steps behind it.
 */
static struct chance chance_of_life(uint64_t seed, unsigned int before_here)
{
	struct chance chance = {(seed ^ 0x11fe) + world->at * 0x9e3779b97f4a7c15ULL};

	for (unsigned int i = 0; i < before_here; i++)
		chance.state = chance_draw(&chance);
	return chance;
}

/* One life after another. Returns whether all promises held. */
bool history_run(uint64_t seed, unsigned int steps)
{
	struct chance chance = {seed};
	unsigned int refused = 0, here = 0, at = 0;

	world_begin(seed);
	world->steps = steps;
	model_begin(seed);
	routes_forget();
	first_world(&chance);
	for (;;) {
		int status = 0;
		pid_t child;

		/* of those that began at the same step */
		here = at == world->at ? here + 1 : 0;
		at = world->at;
		chance = chance_of_life(seed, here);
		if (refused < STARTS_REFUSED_MAX)
			arm_start(&chance);
		fflush(NULL);
		child = fork();
		if (child == 0)
			live();
		if (child < 0 || waitpid(child, &status, 0) != child)
			abort();
		world->alive = false;
		if (!WIFEXITED(status) || WEXITSTATUS(status) > LIFE_REFUSED) {
			describe_death(status);
			return false;
		}
		switch (WEXITSTATUS(status)) {
		case LIFE_DONE:
			return true;
		case LIFE_FAILED:
			return false;
		case LIFE_REFUSED:
			if (!world->fault_hit || ++refused > STARTS_REFUSED_MAX) {
				describe_refusal();
				return false;
			}
			world_fault(FAULT_NONE, 0);
			model->refusals[REFUSED_FAULT]++;
			continue;
		case LIFE_KILLED:
			between_lives(&chance);
			break;
		}
		refused = 0;
	}
}

/* --- coverage --- */

static void tell_counts(const char *what, const char *const *names, const uint64_t *count,
			unsigned int n)
{
	const char *between = "";

	printf("%s: ", what);
	for (unsigned int i = 0; i < n && names[i]; i++) {
		if (!count[i])
			continue;
		printf("%s%s %llu", between, names[i], (unsigned long long)count[i]);
		between = ", ";
	}
	printf("\n");
}

static void tell_covered(void)
{
	printf("%llu steps in %llu histories and %llu lives; %llu checks of everything\n",
	       (unsigned long long)model->steps, (unsigned long long)model->histories,
	       (unsigned long long)world->lives, (unsigned long long)model->checks);
	printf("steps (done, refused, killed in it): ");
	for (int i = 0; i < COVERED_MAX && model->covered[i].name[0]; i++) {
		const struct covered *covered = &model->covered[i];

		printf("%s%s %llu %llu %llu", i ? ", " : "", covered->name,
		       (unsigned long long)covered->done, (unsigned long long)covered->refused,
		       (unsigned long long)covered->killed);
	}
	printf("\n");
	tell_counts("refusals", refusal_names + 1, model->refusals + 1, REFUSALS - 1);
	tell_counts("kills at", place_names, world->kills[0], PLACE_COUNT);
	tell_counts("power cuts at", place_names, world->kills[1], PLACE_COUNT);
	tell_counts("faults", fault_names, world->faults, FAULT_COUNT);
	tell_counts("places where something may go wrong", place_names, world->places, PLACE_COUNT);
}

static void clean(void)
{
	char command[PATHS_MAX + 16];

	snprintf(command, sizeof(command), "rm -rf %s", world->directory);
	if (system(command))
		fprintf(stderr, "%s is left behind\n", world->directory);
}

struct options {
	uint64_t seed;
	unsigned long steps;
	unsigned int history;
	bool tells, shrinks, digests;
};

static int parse(int argc, char **argv, struct options *options)
{
	static const struct option longs[] = {{"seed", required_argument, NULL, 's'},
					      {"steps", required_argument, NULL, 'n'},
					      {"history", required_argument, NULL, 'h'},
					      {"tell", no_argument, NULL, 't'},
					      {"as-it-is", no_argument, NULL, 'a'},
					      {"digests", no_argument, NULL, 'd'},
					      {}};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
		switch (c) {
		case 's':
			options->seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			options->steps = strtoul(optarg, NULL, 0);
			break;
		case 'h':
			options->history = strtoul(optarg, NULL, 0);
			break;
		case 't':
			options->tells = true;
			break;
		case 'a':
			options->shrinks = false;
			break;
		case 'd':
			options->digests = true;
			break;
		default:
			fprintf(stderr,
				"usage: model [--seed N] [--steps N] [--history N] [--tell] [--as-it-is] [--digests]\n");
			return 2;
		}
	if (argv[optind]) {
		fprintf(stderr, "'%s' is no option; options begin with --\n", argv[optind]);
		return 2;
	}
	return 0;
}

/* Progress, for runs of millions. */
static void tell_progress(void)
{
	static time_t told;

	if (!told)
		told = time(NULL);
	if (time(NULL) - told < PROGRESS_S)
		return;
	told = time(NULL);
	fprintf(stderr, "%llu steps\n", (unsigned long long)model->steps);
}

int main(int argc, char **argv)
{
	struct options options = {.seed = 1,
				  .steps = STEPS_DEFAULT,
				  .history = HISTORY_DEFAULT,
				  .shrinks = true};
	struct chance chance;
	bool held = true;

	if (parse(argc, argv, &options))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	/* a life is short: it keeps its memory */
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	world_make();
	atexit(clean);
	model_make();
	chance.state = options.seed;
	while (held && model->steps < options.steps) {
		/* a single history can be repeated by its seed */
		uint64_t seed =
			options.steps <= options.history ? options.seed : chance_draw(&chance);
		unsigned long left = options.steps - model->steps;

		world->tells = options.tells;
		tell_progress();
		model->histories++;
		held = history_run(seed, left < options.history ? left : options.history);
		if (options.digests)
			printf("history %llu: %016llx\n", (unsigned long long)seed,
			       (unsigned long long)world->digest);
		if (!held)
			shrink_tell(seed, options.shrinks);
		else if (!model->steps)
			break;
	}
	tell_covered();
	printf("%d passed, %d failed\n", held, !held);
	return held ? 0 : 1;
}
