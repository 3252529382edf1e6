/* SPDX-License-Identifier: GPL-2.0-only */
/* A history: steps, each of which sends slash64d a request, or changes its world, and states the
 * expected result. The state here is shared with the next life of slash64d, which continues where
 * this one was killed.
 */
#ifndef SLASH64_MODEL_MODEL_H
#define SLASH64_MODEL_MODEL_H

#include "client.h"
#include "reference/reference.h"

struct daemon;

#define WORDS_MAX    1200
#define COVERED_MAX  96
#define BACKUP_MAX   (512 << 10)
#define OTHER_LAYOUT 1000 /* of maps that a start finds */

/* Why something is refused. */
enum refusal {
	TAKEN,
	REFUSED_TARGET,	 /* no source, or several */
	REFUSED_ALLOWED, /* within, or around, an allowed prefix */
	REFUSED_GUARD,
	REFUSED_WIDE,	 /* needs a confirmation */
	REFUSED_WEAKENS, /* likewise */
	REFUSED_EVERYTHING,
	REFUSED_BURST,
	REFUSED_RATES,
	REFUSED_TERMS, /* nothing is listed, or a rate was given for a block */
	REFUSED_NOT_THERE,
	REFUSED_ORIGINS, /* none of several was named */
	REFUSED_STRICT,
	REFUSED_EMPTIES, /* the set */
	REFUSED_CUT,	 /* the list is incomplete */
	REFUSED_CONFIG,
	REFUSED_ROOM,
	REFUSED_FORGEABLE, /* a rule does not hit many by itself */
	REFUSED_FUSE,
	REFUSED_IFACE,
	REFUSED_FAULT, /* by the disk, the kernel, or another process that holds the store */
	REFUSALS
};

extern const char *const refusal_names[];

enum flight {
	GROUND,	  /* no step is in progress */
	ASKED,	  /* its change may have been made, or not */
	ANSWERED, /* its change was made */
};

/* Does a configuration wait for confirmation? */
enum waits {
	WAITS_NOT,
	WAITS_MAYBE, /* requested, but not answered */
	WAITS,
};

struct covered {
	char name[40];
	uint64_t done, refused, killed;
};

struct model {
	struct ref_state now, next, doubtful, before; /* before the step */
	struct ref_state undo;			      /* before the last change by hand */
	bool has_undo;
	enum waits waits;
	struct ref_config before_it;
	int64_t waits_until_ms;
	enum flight flight;
	enum refusal expected;
	/* may be refused because the table is full: the model does not know which entries find room
	 */
	bool room_unknown;
	bool doubt;	   /* the disk did not report whether the previous step is on it */
	int64_t step_ms;   /* when it began */
	bool begun;	   /* there was a previous life */
	bool start_failed; /* something failed while this one started */
	int64_t log_seen;  /* number of the last change that was checked */
	char words[WORDS_MAX];
	char step_name[40];
	char seen[8][IF_NAMESIZE]; /* names of interfaces that were filtered at some time */
	struct ref_config file;	   /* the content of the configuration file */
	struct ref_state backup;
	bool has_backup;
	char backup_text[BACKUP_MAX];
	unsigned int feed_number;
	/* routes of the last look, if nothing but slash64d has touched them since */
	struct {
		struct model_route route[ROUTES_MAX];
		unsigned int routes;
		struct ref_announce announce;
		bool is_known;
	} announced;
	/* the store is about to be lost; was lost; the world starts anew */
	bool loses, lost, renews;
	bool upgrades; /* the next start makes new maps */
	enum ref_fate lost_fate[64];

	/* kept over histories */
	struct covered covered[COVERED_MAX];
	uint64_t refusals[REFUSALS], steps, histories, starts, checks;
};

extern struct model *model;
extern struct daemon *the_daemon;

void model_make(void);
void model_begin(uint64_t seed);

/* --- steps.c --- */

/* One step, derived from its seed alone. Returns false if the life ends with it. */
bool step_run(uint64_t seed);
/* The first task of a life: find out the result of the step in which the previous one was killed.
 */
void step_resume(void);

/* Describes the next action. */
void step_says(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct covered *step_covered(const char *name);
/* Sends a request, during which a fault may occur, and compares the answer with the expected one.
 * The caller has applied the change to model->next.
 */
struct answer *step_ask(struct chance *chance, const char *method, const char *uri,
			const char *body);
/* Without a fault. */
struct answer *step_ask_calmly(const char *method, const char *uri, const char *body);
/* The same if several requests are one step: faults occur in the last. */
void step_arm(struct chance *chance);
void step_quiet(const struct answer *answer);
void step_commit(void);
/* A reload has accepted it: its names of interfaces do not count as misspelt. */
void step_note_taken(const struct ref_config *config);
/* Nothing has changed. */
void step_unchanged(void);
void must_be(const char *rule, const char *why);
void model_renew(void);
int64_t now_ms(void);

struct step_kind {
	const char *name;
	unsigned int weight;
	bool (*run)(struct chance *chance);
	bool by_hand; /* can be undone */
};

extern const struct step_kind edit_steps[], end_steps[], many_steps[], undo_steps[],
	confirm_steps[], full_steps[], import_steps[], backup_steps[], config_steps[],
	world_steps[], look_steps[], events_steps[], proposals_steps[], rules_steps[],
	routes_steps[];

/* --- steps_end.c: which rows of a prefix are meant --- */

struct search {
	const char *origin; /* whose row ends */
	struct prefix said; /* of the row found */
	unsigned int rows, origins;
	/* nothing is listed for exactly that, but for its source, or for addresses in it */
	bool others;
};

enum refusal search_rows(struct search *search, const struct prefix *prefix,
			 const struct prefix *said, const char *named);

/* --- steps_config.c: interfaces by hand --- */

bool model_has_renamed(void);
void config_attach_by_hand(struct ref_state *state, const char *name, int filter);

/* --- steps_undo.c --- */

/* A step has ended; a life begins. */
void undo_note_step(bool by_hand);
void undo_note_start(void);

/* --- steps_confirm.c --- */

/* A life begins: the waiting configuration is confirmed, or not. */
void confirm_resume(struct chance *chance);

/* --- steps_routes.c --- */

/* Until the routes are those of the blocks. */
void routes_quiet(void);
/* Those that are there now stay, if they are wanted; or it is not known. */
void routes_note(void);
void routes_forget(void);

/* --- steps_full.c --- */

/* -1: not of that list. */
int filler_number(const struct prefix *prefix);
unsigned int filler_count(const struct ref_state *state);
bool filler_is_any(const struct ref_state *state);
bool filler_is_large(const struct ref_state *state);
/* A sample of them, or all, in the maps. */
void filler_check(struct chance *chance, unsigned int sample);

/* --- texts.c --- */

/* Some of all possible ones. */
const char *text_of_prefix(struct chance *chance);
const char *text_of_address(struct chance *chance);
/* One of many sources. */
const char *text_of_many(unsigned int number);
extern const char *const all_prefixes[], *const all_addresses[], *const known_addresses[];
extern const unsigned int all_prefixes_count, all_addresses_count, known_addresses_count;
struct in6_addr address_of_text(const char *text);
const char *text_of(const struct prefix *prefix);

/* --- check.c, check_store.c --- */

/* Everything matches the reference: store, tables, interfaces, and answers of the API. */
void check_all(struct chance *chance, bool thorough);
/* NULL, or how the store differs. */
const char *check_store(const struct ref_state *state, bool binds);
/* NULL, or how new rows of the log differ from the changes that were made; NULL: none were. */
const char *check_log(const struct ref_state *state);
void check_log_seen(void);
/* Is the name of an interface noted in the store? */
bool check_is_noted(const char *name);
/* What was decided about a proposal: 1 it was applied, 0 it was dismissed, -1 nothing. */
int check_decision(uint64_t id);
/* After the store was lost: every source is as before. */
void check_lost(void);
void check_open(void);
void check_close(void);
bool check_has_ended(int64_t at_ms);
/* Which entries of the list that fills the table are in the store. */
void check_read_filler(unsigned char filler[FILLER_MAX / 8]);
void check_is_blocked(const struct prefix *prefix, bool blocked);

/* --- config.c --- */

/* Was slash64 on an interface of that name? */
bool model_was_seen(const char *name);
/* Does it name one that does not exist, and never did? */
bool model_has_unknown_iface(const struct ref_config *config);
void config_write(const struct ref_config *config);
/* The configuration in force, edited. */
void config_draw(struct chance *chance, struct ref_config *config);
void config_first(struct ref_config *config, struct chance *chance);

/* --- time.c: until nothing is left to do --- */

void quiet(void);
/* And nothing expires within that time. */
void quiet_within(int64_t ms);
void quiet_links(void);
void pass(int64_t ms);

#endif
