// SPDX-License-Identifier: GPL-2.0-only
#include "world.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define WALL_START_S	  1790000000LL
#define MONOTONIC_START_S 1000LL
#define NS_PER_S	  1000000000LL
#define NS_PER_MS	  1000000LL
#define DIRECTORIES_OPEN  16 /* at a time, by nftw() */

struct world *world;

const char *const place_names[] = {"write",   "sync",  "truncate", "delete", "map",
				   "program", "route", "answer",   NULL};
const char *const fault_names[] = {
	"none",	     "kill",	      "power cut",	    "disk full",
	"I/O error", "store is held", "program is refused", "route is refused",
	NULL};

/* --- random numbers (splitmix64) --- */

uint64_t chance_draw(struct chance *chance)
{
	uint64_t v = chance->state += 0x9e3779b97f4a7c15ULL;

	v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9ULL;
	v = (v ^ v >> 27) * 0x94d049bb133111ebULL;
	return v ^ v >> 31;
}

unsigned int chance_below(struct chance *chance, unsigned int n)
{
	return n ? chance_draw(chance) % n : 0;
}

bool chance_percent(struct chance *chance, unsigned int percent)
{
	return chance_below(chance, 100) < percent;
}

/* --- the world --- */

void world_make(void)
{
	const char *parent = getenv("TMPDIR");

	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (world == MAP_FAILED)
		abort();
	if (!parent)
		parent = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
	snprintf(world->directory, sizeof(world->directory), "%s/model.XXXXXX", parent);
	if (!mkdtemp(world->directory)) {
		fprintf(stderr, "cannot make %s: %s\n", world->directory, strerror(errno));
		exit(1);
	}
	disk_make();
	kernel_make();
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *at)
{
	(void)stat;
	(void)type;
	return at->level ? remove(path) : 0;
}

void world_empty(const char *directory)
{
	if (nftw(directory, remove_one, DIRECTORIES_OPEN, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
		abort();
}

void world_begin(uint64_t seed)
{
	world_empty(world->directory);
	world->seed = world->digest = seed;
	world->at = 0;
	world->chance.state = seed ^ 0x5eed;
	world->wall_ns = WALL_START_S * NS_PER_S;
	world->monotonic_ns = MONOTONIC_START_S * NS_PER_S;
	world->tick_ns = 1000;
	world->fault = FAULT_NONE;
	world->fault_hit = false;
	world->died = FAULT_NONE;
	world->said_count = 0;
	world->failure[0] = world->failed_rule[0] = '\0';
	disk_begin();
	kernel_begin();
}

void world_reboot(void)
{
	world->monotonic_ns = MONOTONIC_START_S * NS_PER_S;
	world->wall_ns += 20 * NS_PER_S;
	kernel_reboot();
}

void world_pass_ms(int64_t ms)
{
	world->wall_ns += ms * NS_PER_MS;
	world->monotonic_ns += ms * NS_PER_MS;
}

void world_note(uint64_t what)
{
	struct chance mixed = {world->digest ^ what};

	world->digest = chance_draw(&mixed);
}

/* --- faults --- */

static bool is_of(enum fault fault, enum place place)
{
	switch (fault) {
	case FAULT_KILL:
		return true;
	case FAULT_POWER:
		return place != PLACE_ANSWER;
	case FAULT_FULL:
		return place == PLACE_WRITE;
	case FAULT_EIO:
		return place == PLACE_WRITE || place == PLACE_SYNC;
	case FAULT_ATTACH:
		return place == PLACE_PROGRAM;
	case FAULT_ROUTE:
		return place == PLACE_ROUTE;
	default:
		return false;
	}
}

void world_fault(enum fault fault, unsigned int left)
{
	world->fault = fault;
	world->fault_left = left;
	world->fault_hit = false;
	world->fault_place = PLACE_COUNT;
}

int world_at(enum place place)
{
	if (!world->alive)
		return 0;
	world->places[place]++;
	if (!is_of(world->fault, place) ||
	    (world->fault_place != PLACE_COUNT && world->fault_place != place))
		return 0;
	if (world->fault_left) {
		world->fault_left--;
		return 0;
	}
	if (!world->fault_hit)
		world->faults[world->fault]++;
	world->fault_hit = true;
	switch (world->fault) {
	case FAULT_KILL:
	case FAULT_POWER:
		world_die(world->fault, place);
	case FAULT_FULL:
		return -ENOSPC;
	case FAULT_EIO:
		return -EIO;
	default:
		return -EOPNOTSUPP;
	}
}

bool world_is_held(void)
{
	if (!world->alive || world->fault != FAULT_HELD)
		return false;
	if (!world->fault_hit)
		world->faults[FAULT_HELD]++;
	world->fault_hit = true;
	return true;
}

void world_die(enum fault how, enum place place)
{
	world->kills[how == FAULT_POWER][place]++;
	world->died = how;
	world->died_at = place;
	world_note(world->wall_ns ^ (uint64_t)place);
	world->fault = FAULT_NONE;
	_exit(LIFE_KILLED);
}

void world_fail(const char *rule, const char *format, ...)
{
	va_list args;

	snprintf(world->failed_rule, sizeof(world->failed_rule), "%s", rule);
	va_start(args, format);
	vsnprintf(world->failure, sizeof(world->failure), format, args);
	va_end(args);
	_exit(LIFE_FAILED);
}

/* --- the clock, and other external inputs --- */

static int64_t now_of(clockid_t clock)
{
	world->wall_ns += world->tick_ns;
	world->monotonic_ns += world->tick_ns;
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? world->wall_ns :
									   world->monotonic_ns;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
	int64_t ns;

	if (!world || !world->alive)
		return syscall(SYS_clock_gettime, clock, time);
	ns = now_of(clock);
	*time = (struct timespec){ns / NS_PER_S, ns % NS_PER_S};
	return 0;
}

time_t time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	*out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
	return 0;
}

int nanosleep(const struct timespec *span, struct timespec *left)
{
	if (!world || !world->alive)
		return syscall(SYS_nanosleep, span, left);
	world_pass_ms(span->tv_sec * 1000 + span->tv_nsec / NS_PER_MS);
	return 0;
}

ssize_t getrandom(void *out, size_t bytes, unsigned int flags)
{
	unsigned char *at = out;

	if (!world || !world->alive)
		return syscall(SYS_getrandom, out, bytes, flags);
	for (size_t i = 0; i < bytes; i++)
		at[i] = chance_draw(&world->chance);
	return bytes;
}

/* --- its log (log.h) --- */

static void say(const char *level, const char *format, va_list args)
{
	char *line = world->said[world->said_count++ % SAID_MAX];
	int n = snprintf(line, SAID_BYTES, "%s: ", level);

	world_note(world->wall_ns);
	vsnprintf(line + n, SAID_BYTES - n, format, args);
	if (world->tells)
		fprintf(stderr, "\t%s\n", line);
}

#define SAYS(name, level)                  \
	void name(const char *format, ...) \
	{                                  \
		va_list args;              \
		va_start(args, format);    \
		say(level, format, args);  \
		va_end(args);              \
	}

SAYS(log_info, "info")
SAYS(log_warning, "warning")
SAYS(log_error, "error")
