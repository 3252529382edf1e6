// SPDX-License-Identifier: GPL-2.0-only
/* What a person does with blocks, throttles and allowed prefixes. */
#include <stdio.h>
#include <string.h>

#include "../model.h"

#define BODY_MAX 1024

static const char *const reasons[] = {"", "echo flood", "abuse 4711", "asked for by a customer"};
static const char *const origins[] = {"operator", "operator", "operator",
				      "noc",	  "feed-a",   "feed-b"};

#define PICK(chance, list) ((list)[chance_below(chance, sizeof(list) / sizeof((list)[0]))])

/* The expected result of a block, or of a dry run of it. */
struct wish {
	const char *text, *origin, *reason, *ticket, *ssh;
	bool force, wide, weaken, throttle;
	uint32_t rate, burst;
	int64_t span_s;
	struct prefix prefix, said;
	const struct ref_row *before; /* the origin's existing entry */
};

static void draw_wish(struct chance *chance, struct wish *wish, bool throttle)
{
	static const int spans[] = {0, 0, 0, 60, 600, 3600, 86400};

	*wish = (struct wish){.text = text_of_prefix(chance), .throttle = throttle};
	wish->origin = PICK(chance, origins);
	wish->reason = PICK(chance, reasons);
	wish->ticket = chance_percent(chance, 20) ? "NOC-4711" : "";
	wish->force = chance_percent(chance, 35);
	wish->wide = chance_percent(chance, 20);
	wish->weaken = chance_percent(chance, 40);
	wish->span_s = PICK(chance, spans);
	wish->ssh = chance_percent(chance, 15) ?
			    known_addresses[chance_below(chance, known_addresses_count)] :
			    NULL;
	if (!throttle)
		return;
	/* sometimes many different ones, more than there can be */
	wish->rate = 50 + 10 * chance_below(chance, chance_percent(chance, 50) ? 6 : 90);
	wish->burst = chance_percent(chance, 60) ? 0 : wish->rate * (1 + chance_below(chance, 3));
	if (chance_percent(chance, 3))
		wish->burst = wish->rate * (TOLERANCE_MAX_S + 1 + chance_below(chance, 1000));
}

static void write_body(const struct wish *wish, bool dry_run, char body[BODY_MAX])
{
	int n = snprintf(body, BODY_MAX, "{\"prefix\":\"%s\",\"origin\":\"%s\"", wish->text,
			 wish->origin);

	if (*wish->reason)
		n += snprintf(body + n, BODY_MAX - n, ",\"reason\":\"%s\"", wish->reason);
	if (*wish->ticket)
		n += snprintf(body + n, BODY_MAX - n, ",\"ticket\":\"%s\"", wish->ticket);
	if (wish->span_s)
		n += snprintf(body + n, BODY_MAX - n, ",\"for_seconds\":%lld",
			      (long long)wish->span_s);
	if (wish->force)
		n += snprintf(body + n, BODY_MAX - n, ",\"force\":true");
	if (wish->wide)
		n += snprintf(body + n, BODY_MAX - n, ",\"wide\":true");
	if (wish->weaken)
		n += snprintf(body + n, BODY_MAX - n, ",\"weaken\":true");
	if (wish->ssh)
		n += snprintf(body + n, BODY_MAX - n, ",\"ssh_sources\":[\"%s\"]", wish->ssh);
	if (wish->throttle)
		n += snprintf(body + n, BODY_MAX - n, ",\"rate\":%u", wish->rate);
	if (wish->burst)
		n += snprintf(body + n, BODY_MAX - n, ",\"burst\":%u", wish->burst);
	snprintf(body + n, BODY_MAX - n, "%s}", dry_run ? ",\"dry_run\":true" : "");
}

/* A throttle in place of a block, or of a part of a blocked prefix, opens what was closed. */
static enum refusal check_weakens(const struct wish *wish)
{
	const struct ref_row *around;

	if (!wish->throttle || wish->weaken)
		return TAKEN;
	around = wish->before ? wish->before : ref_around(&model->now, &wish->prefix);
	return around && !around->throttle ? REFUSED_WEAKENS : TAKEN;
}

static enum refusal check_guard_rails(struct wish *wish)
{
	struct in6_addr ssh = wish->ssh ? address_of_text(wish->ssh) : (struct in6_addr){};
	enum target_verdict target =
		ref_target(model->now.config.sources, wish->text, &wish->prefix, &wish->said);

	if (target == TARGET_NONE)
		return REFUSED_TARGET;
	wish->before = ref_find(&model->now, &wish->prefix, wish->origin, &wish->said);
	if (wish->force)
		return TAKEN;
	if (target == TARGET_UNSAFE)
		return REFUSED_TARGET;
	if (ref_allowed_around(&model->now, &wish->prefix) ||
	    ref_allowed_within(&model->now, &wish->prefix))
		return REFUSED_ALLOWED;
	if (ref_is_short(&wish->prefix) ||
	    ref_is_guarded(&model->now.config, &wish->prefix, wish->ssh ? &ssh : NULL))
		return REFUSED_GUARD;
	if (!wish->before && !wish->wide && ref_is_wide(model->now.config.sources, &wish->prefix))
		return REFUSED_WIDE;
	return check_weakens(wish);
}

/* Values that are not given stay. */
static struct ref_row row_of(const struct wish *wish)
{
	const struct ref_row *before = wish->before;
	bool was = before && before->throttle, follows = !was || before->burst == before->rate * 2;
	struct ref_row row = {.prefix = wish->prefix,
			      .said = wish->said,
			      .throttle = wish->throttle,
			      .rate = wish->rate,
			      .burst = wish->burst,
			      .start_ms = -1,
			      .start_from_ms = now_ms(),
			      .start_to_ms = now_ms() + 60000,
			      .span_ms = wish->span_s * 1000};

	if (wish->throttle && !wish->burst)
		row.burst = follows ? wish->rate * 2 : before->burst;
	strcpy(row.origin, wish->origin);
	strcpy(row.reason, wish->reason);
	strcpy(row.ticket, wish->ticket);
	if (!before)
		return row;
	if (!*wish->reason)
		strcpy(row.reason, before->reason);
	if (!*wish->ticket)
		strcpy(row.ticket, before->ticket);
	row.any_reason = before->any_reason;
	if (row.span_ms) {
		row.is_changed = true;
		row.from_ms = now_ms();
		row.start_from_ms = before->start_ms;
	} else {
		row.until_ms = before->until_ms;
		row.start_ms = before->start_ms;
	}
	return row;
}

static bool says_the_same(const struct ref_row *a, const struct ref_row *b)
{
	return b && a->throttle == b->throttle && a->rate == b->rate && a->burst == b->burst &&
	       !a->span_ms && !a->any_reason && !strcmp(a->reason, b->reason) &&
	       !strcmp(a->ticket, b->ticket);
}

static enum refusal check_throttle(const struct wish *wish, uint32_t burst)
{
	bool known;
	unsigned int rates = ref_rates(&model->now, wish->rate, burst, &known);

	if (burst > (uint64_t)wish->rate * TOLERANCE_MAX_S)
		return REFUSED_BURST;
	return rates >= RATES_MAX && !known ? REFUSED_RATES : TAKEN;
}

static bool block(struct chance *chance, bool throttle)
{
	struct wish wish;
	struct ref_row row;
	char body[BODY_MAX];

	draw_wish(chance, &wish, throttle);
	write_body(&wish, false, body);
	step_says("%s %s", throttle ? "throttle" : "block", body);
	model->expected = check_guard_rails(&wish);
	if (model->expected == TAKEN) {
		row = row_of(&wish);
		if (throttle)
			model->expected = check_throttle(&wish, row.burst);
		if (model->expected == TAKEN && !says_the_same(&row, wish.before))
			ref_put(&model->next, &row);
	}
	step_ask(chance, "POST", throttle ? "/v1/throttles" : "/v1/blocks", body);
	return true;
}

static bool run_block(struct chance *chance)
{
	return block(chance, false);
}

static bool run_throttle(struct chance *chance)
{
	return block(chance, true);
}

/* A dry run changes nothing, and reports what a guard rail would say. */
static bool run_dry(struct chance *chance)
{
	struct wish wish;
	enum refusal expected;
	struct answer *answer;
	const json_t *refused;
	char body[BODY_MAX];

	draw_wish(chance, &wish, false);
	write_body(&wish, true, body);
	step_says("dry run %s", body);
	/* with force, it also reports what it would be refused for without */
	wish.force = false;
	expected = check_guard_rails(&wish);
	model->expected =
		expected == REFUSED_TARGET && ref_target(model->now.config.sources, wish.text,
							 &wish.prefix, &wish.said) == TARGET_NONE ?
			REFUSED_TARGET :
			TAKEN;
	answer = step_ask(chance, "POST", "/v1/blocks", body);
	if (answer->code != 200)
		return true;
	refused = json_object_get(answer->object, "refused");
	if ((expected != TAKEN) != json_is_string(refused))
		world_fail("guards", "a dry run of %s says '%s', and it should be: %s", wish.text,
			   json_is_string(refused) ? json_string_value(refused) :
						     "nothing against it",
			   refusal_names[expected]);
	return true;
}

const struct step_kind edit_steps[] = {
	{"block", 22, run_block, true},
	{"throttle", 12, run_throttle, true},
	{"dry run", 4, run_dry, true},
	{},
};
