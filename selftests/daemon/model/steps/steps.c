// SPDX-License-Identifier: GPL-2.0-only
/* Common to all steps: faults during a request, their possible results, and how a life continues
 * where the previous one was killed.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../model.h"

#define FAULT_PERCENT  6
#define LEFT_MAX       12
#define ENDS_SOON_MS   3000
#define QUIET_TURNS    400
#define DEBOUNCE_MS    60
#define THOROUGH_EVERY 16

struct model *model;
struct daemon *the_daemon;
static struct ref_state scratch;
static struct answer last;

const char *const refusal_names[] = {"taken",
				     "no source, or several",
				     "an allowed prefix",
				     "guarded",
				     "wide",
				     "opens what was closed",
				     "everything",
				     "burst too long",
				     "too many rates",
				     "nothing said",
				     "not there",
				     "of several origins",
				     "strict",
				     "would empty a set",
				     "cut short",
				     "configuration",
				     "no room",
				     "forgeable",
				     "the fuse has blown",
				     "interface",
				     "a fault",
				     NULL};

void model_make(void)
{
	model = mmap(NULL, sizeof(*model), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (model == MAP_FAILED)
		abort();
}

static void state_clear(struct ref_state *state)
{
	memset(state, 0, offsetof(struct ref_state, allow));
}

void model_begin(uint64_t seed)
{
	(void)seed;
	model->step_ms = now_ms();
	state_clear(&model->now);
	state_clear(&model->next);
	state_clear(&model->doubtful);
	model->flight = GROUND;
	model->doubt = model->begun = model->has_backup = model->has_undo = false;
	model->waits = WAITS_NOT;
	model->loses = model->lost = model->renews = model->upgrades = false;
	model->log_seen = 0;
	model->feed_number = 0;
	memset(model->seen, 0, sizeof(model->seen));
	model->words[0] = '\0';
	strcpy(model->step_name, "start");
}

/* Only the machine and the configuration file are left. */
void model_renew(void)
{
	state_clear(&model->now);
	model->flight = GROUND;
	model->doubt = model->lost = model->renews = model->has_backup = model->has_undo = false;
	model->waits = WAITS_NOT;
	model->log_seen = 0;
	model->step_ms = now_ms();
	memset(model->seen, 0, sizeof(model->seen));
}

int64_t now_ms(void)
{
	return world->wall_ns / 1000000;
}

void step_says(const char *format, ...)
{
	size_t n = strlen(model->words);
	va_list args;

	va_start(args, format);
	vsnprintf(model->words + n, sizeof(model->words) - n, format, args);
	va_end(args);
}

struct covered *step_covered(const char *name)
{
	for (int i = 0; i < COVERED_MAX; i++) {
		struct covered *covered = &model->covered[i];

		if (!covered->name[0])
			snprintf(covered->name, sizeof(covered->name), "%s", name);
		if (!strcmp(covered->name, name))
			return covered;
	}
	abort();
}

/* --- faults --- */

/* How often the kernel refuses what concerns an interface. */
static unsigned int refuses_percent(void)
{
	if (!strcmp(model->step_name, "reload without"))
		return 60;
	return !strcmp(model->step_name, "attach") || !strcmp(model->step_name, "detach") ? 15 : 0;
}

void step_arm(struct chance *chance)
{
	static const enum fault faults[] = {FAULT_KILL, FAULT_KILL, FAULT_KILL, FAULT_POWER,
					    FAULT_FULL, FAULT_EIO,  FAULT_HELD, FAULT_ATTACH};
	unsigned int left = LEFT_MAX;
	enum fault fault;

	model->flight = ASKED;
	if (chance_percent(chance, refuses_percent())) {
		fault = FAULT_ATTACH;
		left = 2; /* programs are touched few times */
	} else if (chance_percent(chance, FAULT_PERCENT)) {
		fault = faults[chance_below(chance, sizeof(faults) / sizeof(faults[0]))];
		left = fault == FAULT_FULL || fault == FAULT_EIO ? 4 : LEFT_MAX;
	} else {
		return;
	}
	world_fault(fault, chance_below(chance, left));
	step_says(" [%s at place %u]", fault_names[fault], world->fault_left);
	if (world->tells)
		fprintf(stderr, "\t%s at place %u\n", fault_names[fault], world->fault_left);
}

/* --- results --- */

void must_be(const char *rule, const char *why)
{
	if (why)
		world_fail(rule, "%s", why);
}

void step_commit(void)
{
	model->flight = ANSWERED;
	ref_copy(&model->now, &model->next);
	model->doubt = false;
	must_be("log", check_log(&model->now));
	check_log_seen();
	model->flight = GROUND;
}

void step_unchanged(void)
{
	must_be("log", check_log(NULL));
	check_log_seen();
	model->flight = GROUND;
	must_be("refused", check_store(&model->now, false));
}

static bool may_fail(void)
{
	return world->fault_hit;
}

void step_quiet(const struct answer *answer)
{
	bool ok = answer->code == 200;
	bool faulty = may_fail();

	if (ok)
		model->flight = ANSWERED;
	if (world->fault == FAULT_EIO && faulty && !ok) {
		/* data that the disk did not sync may be on it nevertheless */
		model->doubt = true;
		ref_copy(&model->doubtful, &model->next);
	}
	world_fault(FAULT_NONE, 0);
	if (ok && model->expected != TAKEN)
		world_fail("refused", "it was taken, and should have been refused: %s",
			   refusal_names[model->expected]);
	if (!ok && model->expected == TAKEN && !faulty && !model->room_unknown)
		world_fail("taken", "it was refused, and should have been taken: %d, %s",
			   answer->code, answer->error);
	if (ok)
		step_covered(model->step_name)->done++;
	else
		step_covered(model->step_name)->refused++;
	if (!ok)
		model->refusals[model->expected != TAKEN ? model->expected :
				faulty			 ? REFUSED_FAULT :
							   REFUSED_ROOM]++;
	if (ok)
		step_commit();
	else
		step_unchanged();
}

struct answer *step_ask_calmly(const char *method, const char *uri, const char *body)
{
	client_forget(&last);
	model->flight = ASKED;
	client_ask(method, uri, body, &last);
	step_quiet(&last);
	return &last;
}

struct answer *step_ask(struct chance *chance, const char *method, const char *uri,
			const char *body)
{
	client_forget(&last);
	step_arm(chance);
	client_ask(method, uri, body, &last);
	step_quiet(&last);
	return &last;
}

/* --- time --- */

void pass(int64_t ms)
{
	world_pass_ms(ms);
	client_turn();
}

/* Until everything expired has been removed everywhere. */
static void quiet_ends(int64_t ms)
{
	int64_t next;

	while ((next = ref_next_end(&model->now)) && next <= now_ms() + ms) {
		for (unsigned int turn = 0; turn < QUIET_TURNS && next > now_ms() - 5; turn++)
			pass(next - now_ms() + 10);
		if (ref_expire(&model->now, now_ms() - 2))
			model->has_undo = false;
	}
	for (unsigned int turn = 0; turn < QUIET_TURNS; turn++) {
		pass(DEBOUNCE_MS);
		if (turn > 3 && !check_has_ended(now_ms() - 1))
			return;
	}
	world_fail("ends", "what has ended stays in the store");
}

void quiet_within(int64_t ms)
{
	int64_t next = ref_next_end(&model->now);

	if (!next || next > now_ms() + ms)
		return;
	must_be("store", check_store(&model->now, true));
	ref_begin(&model->now);
	quiet_ends(ms);
	must_be("log", check_log(&model->now));
	check_log_seen();
}

bool model_was_seen(const char *name)
{
	for (size_t i = 0; i < sizeof(model->seen) / sizeof(model->seen[0]); i++)
		if (!strcmp(model->seen[i], name))
			return true;
	return false;
}

static void note_name(const char *name)
{
	size_t at = 0;

	if (model_was_seen(name))
		return;
	while (at < sizeof(model->seen) / sizeof(model->seen[0]) - 1 && model->seen[at][0])
		at++;
	strcpy(model->seen[at], name);
}

static void note_seen(void)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		const struct model_link *link = &world->link[i];

		if (link->ifindex && link->program)
			note_name(link->renamed_from[0] ? link->renamed_from : link->name);
	}
}

void step_note_taken(const struct ref_config *config)
{
	for (unsigned int i = 0; i < config->ifaces; i++)
		note_name(config->iface[i].name);
}

/* So has a start, unless a disk error kept it from noting them. */
static void note_started(void)
{
	for (unsigned int i = 0; i < model->now.config.ifaces; i++) {
		const char *name = model->now.config.iface[i].name;

		if (check_is_noted(name))
			note_name(name);
		else if (!model->start_failed)
			world_fail("starts", "it has begun with %s, and has not noted that name",
				   name);
	}
}

void quiet(void)
{
	quiet_within(ENDS_SOON_MS);
}

static bool links_are_quiet(void)
{
	for (int i = 0; i < LINKS_MAX; i++) {
		const struct model_link *link = &world->link[i];

		if (link->ifindex &&
		    ref_filtering(&model->now, link).wanted != (link->program != 0))
			return false;
	}
	return true;
}

/* It checks every two seconds, and retries failures ever more rarely. */
void quiet_links(void)
{
	ref_forget_renamed(&model->now);
	kernel_notify();
	for (unsigned int turn = 0; turn < 6; turn++)
		pass(25);
	for (unsigned int turn = 0; turn < 40 && !links_are_quiet(); turn++)
		pass(2100);
	/* and stays so */
	for (unsigned int turn = 0; turn < 2; turn++)
		pass(2100);
	note_seen();
}

/* --- a life continues --- */

static const char *try_state(const struct ref_state *from, bool begun)
{
	const char *why;

	ref_copy(&scratch, from);
	if (!begun)
		ref_begin(&scratch);
	ref_take_config(&scratch, &model->file, true, model->step_ms, now_ms());
	why = check_store(&scratch, false);
	/* two states may be equal in the store; the log distinguishes them */
	if (!why)
		why = check_log(&scratch);
	if (!why)
		check_store(&scratch, true);
	return why;
}

static void adopt(void)
{
	char before[512] = "", after[512] = "";
	const char *why = "";

	if (model->flight != ANSWERED) {
		why = try_state(&model->now, false);
		snprintf(before, sizeof(before), "%s", why ? why : "");
	}
	if (why && model->flight != GROUND) {
		why = try_state(&model->next, true);
		if (!why && !strncmp(model->step_name, "reload", strlen("reload")))
			step_note_taken(&model->next.config);
		snprintf(after, sizeof(after), "%s", why ? why : "");
	}
	if (why && model->doubt)
		why = try_state(&model->doubtful, true);
	if (!why) {
		ref_copy(&model->now, &scratch);
		return;
	}
	if (model->flight == GROUND)
		world_fail("durable", "after a start %s", before);
	if (model->flight == ANSWERED)
		world_fail("durable", "it was acknowledged, and after a kill %s", after);
	world_fail("whole", "after a kill it is neither done nor not done; not done: %s; done: %s",
		   before, after);
}

void step_resume(void)
{
	/* independent of earlier steps, so that leaving out one does not change the others */
	struct chance chance = {world->seed ^ world->at};

	model->starts++;
	if (model->lost) {
		check_lost();
		model->renews = true;
		world_die(FAULT_POWER, PLACE_ANSWER);
	}
	adopt();
	note_started();
	undo_note_start();
	model->doubt = false;
	model->flight = GROUND;
	/* what expired meanwhile was logged by this life, or by the previous one */
	quiet_ends(ENDS_SOON_MS);
	if (ref_expire(&model->now, now_ms() - 1))
		model->has_undo = false;
	must_be("log", check_log(&model->now));
	check_log_seen();
	quiet_links();
	confirm_resume(&chance);
	quiet();
	routes_quiet();
	check_all(&chance, true);
}

/* --- one step --- */

static const struct step_kind *const families[] = {
	edit_steps,   end_steps,    many_steps,	     undo_steps,   confirm_steps,
	full_steps,   import_steps, backup_steps,    config_steps, world_steps,
	events_steps, look_steps,   proposals_steps, rules_steps,  routes_steps,
};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

static const struct step_kind *draw_kind(struct chance *chance)
{
	unsigned int sum = 0, at;

	for (size_t i = 0; i < FAMILIES; i++)
		for (const struct step_kind *kind = families[i]; kind->name; kind++)
			sum += kind->weight;
	at = chance_below(chance, sum);
	for (size_t i = 0;; i++)
		for (const struct step_kind *kind = families[i]; kind->name; kind++) {
			if (at < kind->weight)
				return kind;
			at -= kind->weight;
		}
}

bool step_run(uint64_t seed)
{
	struct chance chance = {seed};
	const struct step_kind *kind = draw_kind(&chance);
	bool goes_on;

	quiet();
	model->steps++;
	model->words[0] = '\0';
	model->step_ms = now_ms();
	model->expected = TAKEN;
	model->room_unknown = false;
	model->flight = GROUND;
	snprintf(model->step_name, sizeof(model->step_name), "%s", kind->name);
	ref_copy(&model->next, &model->now);
	ref_begin(&model->next);
	ref_copy(&model->before, &model->now);
	goes_on = kind->run(&chance);
	undo_note_step(kind->by_hand);
	model->has_undo = model->has_undo && !model->doubt;
	if (world->tells)
		fprintf(stderr, "%u: %s\n", world->at, model->words);
	world_fault(FAULT_NONE, 0);
	model->flight = GROUND;
	pass(20);
	quiet();
	if (goes_on)
		routes_quiet();
	if (goes_on)
		check_all(&chance, chance_below(&chance, THOROUGH_EVERY) == 0);
	return goes_on;
}
