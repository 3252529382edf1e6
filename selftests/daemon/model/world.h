/* SPDX-License-Identifier: GPL-2.0-only */
/* The simulated world of slash64d: clock, disk, kernel, network, and faults. It is in memory that
 * processes share. Each life of slash64d is a process, so a kill is a real kill: the memory of that
 * process is lost, and the state here stays.
 */
#ifndef SLASH64_MODEL_WORLD_H
#define SLASH64_MODEL_WORLD_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/prefix.h"

/* --- random numbers: a history is derived from its seed alone --- */

struct chance {
	uint64_t state;
};

uint64_t chance_draw(struct chance *chance);
/* 0 to n - 1 */
unsigned int chance_below(struct chance *chance, unsigned int n);
/* With a probability of `percent`. */
bool chance_percent(struct chance *chance, unsigned int percent);

/* --- where a fault may occur, and which --- */

enum place {
	PLACE_WRITE, /* of the disk */
	PLACE_SYNC,
	PLACE_TRUNCATE,
	PLACE_DELETE,
	PLACE_MAP,     /* a map is created, pinned, or unpinned */
	PLACE_PROGRAM, /* a program is loaded, pinned, attached, or detached */
	PLACE_ROUTE,   /* is added or removed */
	PLACE_ANSWER,  /* before it is sent */
	PLACE_COUNT
};

enum fault {
	FAULT_NONE,
	FAULT_KILL, /* the process ends; maps, programs, and written files stay */
	/* the machine ends too: synced data is on the disk, and any of the rest */
	FAULT_POWER,
	FAULT_FULL, /* no file can grow */
	FAULT_EIO,
	FAULT_HELD,   /* another process holds the store */
	FAULT_ATTACH, /* the kernel refuses a program */
	FAULT_ROUTE,  /* likewise a route */
	FAULT_COUNT
};

extern const char *const place_names[], *const fault_names[];

/* --- the disk --- */

#define DISK_FILES    6
#define DISK_FILE_MAX (24U << 20)
#define DISK_SECTOR   512
#define DISK_SECTORS  (DISK_FILE_MAX / DISK_SECTOR)
#define DISK_NAME_MAX 96

struct disk_file {
	char name[DISK_NAME_MAX]; /* "": none */
	bool is_there, was_there; /* now; when the directory was last synced */
	uint32_t size, size_synced;
	uint32_t first_dirty, last_dirty; /* sectors; first > last: none */
	uint64_t dirty[DISK_SECTORS / 64];
};

/* --- the kernel --- */

#define LINKS_MAX    6
#define MAPS_MAX     512
#define PROGRAMS_MAX 64
#define KNOWN_MAX    16
#define WATCHES_MAX  16
#define ROUTES_MAX   1200

struct model_link {
	unsigned int ifindex; /* 0: none */
	char name[IF_NAMESIZE], other_name[40];
	/* it is filtered under that name; "": under its own, if at all */
	char renamed_from[IF_NAMESIZE];
	uint32_t program; /* id of our program on it; 0: none */
	bool generic;
};

struct model_program {
	uint32_t id;	      /* 0: none */
	uint64_t owner, maps; /* maps: inode of its facts */
	uint32_t slot;
	bool pinned;
};

struct model_map {
	uint64_t inode;
	uint32_t value_bytes, entries;
	uint32_t type; /* enum bpf_map_type */
};

/* An address known to the kernel, or to logind. */
enum known_kind {
	MODEL_OWN,
	MODEL_NEXT_HOP,
	MODEL_NEIGHBOUR, /* permanent */
	MODEL_BGP,
	MODEL_LOGIN,
	MODEL_KNOWN_KINDS
};

struct model_known {
	bool is_there;
	enum known_kind kind;
	struct in6_addr address;
};

/* A route of slash64d in the kernel. */
struct model_route {
	struct prefix prefix;
	uint32_t table;
};

/* --- the whole world --- */

#define FAILURE_MAX 4096
#define SAID_MAX    64
#define SAID_BYTES  256
#define PATHS_MAX   80

struct world {
	/* of the history */
	uint64_t seed;
	unsigned int history, steps, at;
	bool tells;	      /* prints each step */
	uint64_t digest;      /* of all events: a history has the same in every run */
	struct chance chance; /* of slash64d's requests for random numbers: seeds, names */
	char directory[PATHS_MAX];
	bool shuts_mistakes; /* a test of the model itself */

	/* clock */
	int64_t wall_ns, monotonic_ns, tick_ns;

	/* faults */
	enum fault fault;
	unsigned int fault_left; /* how many more fault points until it occurs */
	enum place fault_place;	 /* only there; PLACE_COUNT: anywhere */
	bool fault_hit;
	enum fault died;
	enum place died_at;
	bool alive; /* slash64d runs */
	bool in_start;

	/* kernel */
	struct model_link link[LINKS_MAX];
	unsigned int next_ifindex, next_program;
	struct model_program program[PROGRAMS_MAX];
	struct model_map map[MAPS_MAX];
	struct model_known known[KNOWN_MAX];
	struct model_route route[ROUTES_MAX];
	unsigned int routes;
	int watch[WATCHES_MAX]; /* of inotify */
	unsigned int watches;

	/* its log, a ring */
	char said[SAID_MAX][SAID_BYTES];
	unsigned int said_count;

	/* results */
	char failure[FAILURE_MAX];
	char failed_rule[48];
	uint64_t kills[2][PLACE_COUNT], faults[FAULT_COUNT], places[PLACE_COUNT], lives;

	struct disk_file disk[DISK_FILES];
};

extern struct world *world;

/* Once for the program; then for each history. */
void world_make(void);
void world_begin(uint64_t seed);

/* Called wherever a fault may occur: returns 0, or the -errno of the fault; or does not return. */
int world_at(enum place place);
void world_fault(enum fault fault, unsigned int left);
bool world_is_held(void);

/* slash64d ends here. */
_Noreturn void world_die(enum fault how, enum place place);

/* A promise is broken: describes it, once; the history ends. `rule` names it. */
_Noreturn void world_fail(const char *rule, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

enum life_end {
	LIFE_DONE, /* all steps */
	LIFE_KILLED,
	LIFE_STOPPED,
	LIFE_FAILED,
	LIFE_REFUSED, /* the start failed */
};

/* Adds it to the digest of the history. */
void world_note(uint64_t what);

/* Advances the clock. */
void world_pass_ms(int64_t ms);

/* Removes everything in the directory, but not the directory itself. */
void world_empty(const char *directory);

/* Restarts the machine. */
void world_reboot(void);

/* --- disk.c, disk_vfs.c --- */

void disk_make(void);
void disk_begin(void);
/* Its content after a power failure. */
void disk_cut(struct chance *chance);
/* The whole store is lost. */
void disk_lose(void);
void disk_register(void);

/* --- kernel.c, kernel_*.c --- */

void kernel_make(void);
void kernel_begin(void);
void kernel_reboot(void);
struct model_link *kernel_link(const char *name);
/* Notifies the listeners. */
void kernel_notify(void);
/* On how many of its slots is a program of these maps on the link? *slot is one of these. */
const struct model_program *kernel_program(uint32_t id);
uint64_t kernel_inode(int fd);

#endif
