// SPDX-License-Identifier: GPL-2.0-only
#include "block_terms.h"

#include <errno.h>
#include <math.h>

#include "daemon/api/http/reply.h"
#include "base/time.h"
#include "base/text/when.h"
#include "base/text/duration.h"
#include "net/limits.h"

#define US_IN_MS 1000

/* --- parsing --- */

static int parse_span(const json_t *span, struct block_terms *terms, struct error *error)
{
	double seconds = json_number_value(span);

	if (!json_is_number(span) || !(seconds >= 0.001 && seconds <= DURATION_MAX_S))
		return error_set(error, -EINVAL,
				 "'for_seconds' must be a number above 0 and below ten years");
	terms->until_ms = terms->now_ms + (int64_t)(seconds * 1000);
	return 0;
}

/* RFC 3339, or seconds since 1970. */
static int parse_until(const json_t *until, struct block_terms *terms, struct error *error)
{
	int64_t us = 0;
	bool is_time = json_is_string(until) && !when_parse_exact(json_string_value(until), &us);

	if (json_is_null(until))
		return 0;
	if (json_is_number(until) &&
	    fabs(json_number_value(until)) < (double)WHEN_MAX / WHEN_SECOND) {
		us = json_number_value(until) * WHEN_SECOND;
		is_time = true;
	}
	if (!is_time)
		return error_set(
			error, -EINVAL,
			"'until' must be a time like 2026-01-01T00:00:00Z, seconds since 1970, or null for no end");
	terms->until_ms = us / US_IN_MS;
	if (terms->until_ms <= terms->now_ms)
		return error_set(error, -EINVAL,
				 "'until' is in the past; unblock it to end it now");
	if (terms->until_ms - terms->now_ms > DURATION_MAX_S * 1000)
		return error_set(error, -EINVAL,
				 "'until' is more than ten years away; null is no end");
	return 0;
}

static int parse_end(const json_t *object, struct block_terms *terms, struct error *error)
{
	const json_t *span = json_object_get(object, "for_seconds"),
		     *until = json_object_get(object, "until");

	if (span && !json_is_null(span) && until)
		return error_set(error, -EINVAL, "'for_seconds' and 'until' exclude each other");
	terms->ends = until || (span && !json_is_null(span));
	return until	   ? parse_until(until, terms, error) :
	       terms->ends ? parse_span(span, terms, error) :
			     0;
}

int block_terms_parse(const json_t *object, struct block_terms *terms, struct error *error)
{
	int err;

	*terms = (struct block_terms){.now_ms = clock_wall_ms()};
	err = parse_end(object, terms, error);
	if (!err)
		err = object_text(object, "reason", REASON_TEXT_MAX - 1, &terms->reason, error);
	if (!err)
		err = object_text(object, "ticket", REASON_TEXT_MAX - 1, &terms->ticket, error);
	if (!err)
		err = object_count(object, "rate", RATE_MAX, &terms->rate, error);
	if (!err)
		err = object_count(object, "burst", BURST_MAX, &terms->burst, error);
	terms->has_reason = terms->reason;
	terms->has_ticket = terms->ticket;
	return err;
}

/* --- applying --- */

static const char *text_or_none(const char *text)
{
	return text && *text ? text : NULL;
}

/* A burst that was not given follows the rate. */
static int apply_rate(const struct block_terms *terms, const struct store_block *before,
		      struct store_block *block, struct error *error)
{
	bool was = before && before->kind == STORE_THROTTLE;
	bool follows = !was || before->burst == before->rate * BURST_FACTOR;

	block->rate = terms->rate ? terms->rate : was ? before->rate : 0;
	if (!block->rate)
		return error_set(error, -EINVAL, "'rate' is missing: packets per second");
	block->burst = terms->burst ? terms->burst :
		       follows	    ? block->rate * BURST_FACTOR :
				      before->burst;
	return 0;
}

int block_terms_apply(const struct block_terms *terms, const struct store_block *before,
		      const struct config *config, struct store_block *block, struct error *error)
{
	block->start_ms = before ? before->start_ms : terms->now_ms;
	if (terms->ends)
		block->until_ms = terms->until_ms;
	else if (before && !S64_MISTAKE(EDIT_ENDS))
		block->until_ms = before->until_ms;
	else
		block->until_ms = config->block_for_ms ? terms->now_ms + config->block_for_ms : 0;
	block->reason = text_or_none(terms->has_reason ? terms->reason :
				     before	       ? before->reason :
							 NULL);
	block->ticket = text_or_none(terms->has_ticket ? terms->ticket :
				     before	       ? before->ticket :
							 NULL);
	return block->kind == STORE_THROTTLE ? apply_rate(terms, before, block, error) : 0;
}

int block_terms_required(const struct config *config, const struct store_block *block,
			 struct error *error)
{
	bool reason = config->block_needs_reason && !block->reason;
	bool ticket = config->block_needs_ticket && !block->ticket;

	if (!reason && !ticket)
		return 0;
	error_set(error, -EINVAL,
		  "%s missing, which block_defaults of %s requires; nothing was changed",
		  reason && ticket ? "a reason and a ticket are" :
		  reason	   ? "a reason is" :
				     "a ticket is",
		  config->file);
	if (reason)
		error_member(error, -EINVAL, "missing", "reason");
	if (ticket)
		error_member(error, -EINVAL, reason ? "also_missing" : "missing", "ticket");
	return error_code(error, -EINVAL, ERROR_REQUIRED);
}
