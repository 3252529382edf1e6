// SPDX-License-Identifier: GPL-2.0-only
#include "throttle_rates.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "policy/policy.h"

_Static_assert(S64_THROTTLE_MAX <= 64, "a bit for each in a word");

static int compile(const struct throttles *throttles, unsigned int number, struct s64_limit *limit)
{
	struct policy_limit rate = {.rate = throttles->entry[number].rate,
				    .burst = throttles->entry[number].burst};

	return policy_compile_limit(&rate, S64_LIMIT_THROTTLE + number,
				    throttles->maps->meta->tick_ns, limit);
}

static void write_limit(const struct throttles *throttles, unsigned int number,
			const struct s64_limit *limit)
{
	for (uint32_t slot = 0; slot < throttles->maps->meta->iface_slots; slot++)
		throttles->maps->limits[slot * S64_LIMIT_MAX + S64_LIMIT_THROTTLE + number] =
			*limit;
}

static bool is_referred_to(const struct throttles *throttles, unsigned int number)
{
	if (S64_MISTAKE(RATE_GIVEN_AWAY))
		return false;
	return throttles->blocklist->throttled[number] || throttles->prefixes->throttled[number] ||
	       throttles->held >> number & 1;
}

static void forget(struct throttles *throttles, unsigned int number)
{
	static const struct s64_limit none;

	if (!throttles->entry[number].rate)
		return;
	throttles->entry[number].rate = throttles->entry[number].burst = 0;
	write_limit(throttles, number, &none);
}

/* --- rates of the store --- */

static void take(unsigned int number, uint32_t rate, uint32_t burst, void *data)
{
	struct throttles *throttles = data;
	struct s64_limit limit;

	if (number >= S64_THROTTLE_MAX)
		return;
	throttles->entry[number].rate = rate;
	throttles->entry[number].burst = burst;
	if (compile(throttles, number, &limit))
		throttles->entry[number].rate = throttles->entry[number].burst = 0;
	else
		write_limit(throttles, number, &limit);
}

int throttles_init(struct throttles *throttles, struct store *store, const struct maps *maps,
		   const struct buckets *blocklist, const struct buckets *prefixes,
		   struct error *error)
{
	*throttles = (struct throttles){.store = store,
					.maps = maps,
					.blocklist = blocklist,
					.prefixes = prefixes};
	return store_rates(store, take, throttles, error);
}

struct stored {
	struct throttles *throttles;
	uint64_t numbers; /* a bit for each number */
};

static void take_again(unsigned int number, uint32_t rate, uint32_t burst, void *data)
{
	struct stored *stored = data;

	if (number >= S64_THROTTLE_MAX)
		return;
	stored->numbers |= 1ULL << number;
	if (!is_referred_to(stored->throttles, number))
		take(number, rate, burst, stored->throttles);
}

void throttles_release(struct throttles *throttles)
{
	throttles->held = 0;
	throttles->full = false;
}

void throttles_reload(struct throttles *throttles)
{
	struct stored stored = {throttles, 0};
	struct error error;

	throttles_release(throttles);
	if (store_rates(throttles->store, take_again, &stored, &error)) {
		log_error("%s", error.text);
		return; /* nothing is freed that may be used */
	}
	for (unsigned int i = 0; i < S64_THROTTLE_MAX; i++)
		if (!(stored.numbers >> i & 1) && !is_referred_to(throttles, i))
			forget(throttles, i);
}

/* --- numbers --- */

static int find(const struct throttles *throttles, uint32_t rate, uint32_t burst)
{
	for (int i = 0; i < S64_THROTTLE_MAX; i++)
		if (throttles->entry[i].rate == rate && throttles->entry[i].burst == burst)
			return i;
	return -ENOENT;
}

/* A number without a rate. The maps of an earlier run may still refer to it, until they are brought
 * to the store.
 */
static int find_free(const struct throttles *throttles)
{
	for (int i = 0; i < S64_THROTTLE_MAX; i++)
		if (!throttles->entry[i].rate && !is_referred_to(throttles, i))
			return i;
	return -EDQUOT;
}

/* Numbers to which neither the maps, nor the current change, nor any row of the store refers. */
static int prune(struct throttles *throttles, struct error *error)
{
	for (unsigned int i = 0; i < S64_THROTTLE_MAX; i++) {
		int gone;

		if (is_referred_to(throttles, i))
			continue;
		gone = store_rate_prune(throttles->store, i, error);
		if (gone < 0)
			return gone;
		if (gone)
			forget(throttles, i);
	}
	return 0;
}

static int too_many(struct error *error)
{
	error_set(error, -EDQUOT,
		  "there are %d different rates already, the maximum; use one of those",
		  S64_THROTTLE_MAX);
	return error_code(error, -EDQUOT, ERROR_NO_RATE);
}

static int too_long(uint32_t rate, uint32_t burst, int err, struct error *error)
{
	char most[24];

	snprintf(most, sizeof(most), "%" PRIu64, (uint64_t)rate * S64_TOLERANCE_SECONDS);
	error_set(
		error, err,
		"a burst of %u at %u packets per second is more than %d seconds long; %s is the most at this rate",
		burst, rate, S64_TOLERANCE_SECONDS, most);
	error_member(error, err, "burst_max", most);
	return error_code(error, err, ERROR_BURST_TOO_LONG);
}

static int find_room(struct throttles *throttles, struct error *error)
{
	int number = throttles->full ? -EDQUOT : find_free(throttles), err;

	if (number < 0 && !throttles->full) {
		err = prune(throttles, error);
		if (err)
			return err;
		number = find_free(throttles);
		throttles->full = number < 0;
	}
	return number < 0 ? too_many(error) : number;
}

static int give(struct throttles *throttles, unsigned int number, uint32_t rate, uint32_t burst,
		struct error *error)
{
	struct s64_limit limit;
	int err;

	throttles->entry[number].rate = rate;
	throttles->entry[number].burst = burst;
	err = compile(throttles, number, &limit);
	if (err)
		too_long(rate, burst, err, error);
	else
		err = store_rate_put(throttles->store, number, rate, burst, error);
	if (err) {
		throttles->entry[number].rate = throttles->entry[number].burst = 0;
		return err;
	}
	write_limit(throttles, number, &limit);
	return 0;
}

int throttles_number(struct throttles *throttles, uint32_t rate, uint32_t burst,
		     struct error *error)
{
	int number = find(throttles, rate, burst), err = 0;

	if (number < 0) {
		number = find_room(throttles, error);
		err = number < 0 ? number : give(throttles, number, rate, burst, error);
	}
	if (err)
		return err;
	throttles->held |= 1ULL << number;
	return number;
}

int throttles_try(const struct throttles *throttles, uint32_t rate, uint32_t burst,
		  unsigned int taken, struct error *error)
{
	const struct policy_limit wanted = {.rate = rate, .burst = burst};
	struct s64_limit ignored;
	unsigned int free = 0;
	int err;

	if (find(throttles, rate, burst) >= 0)
		return 0;
	err = policy_compile_limit(&wanted, S64_LIMIT_THROTTLE, throttles->maps->meta->tick_ns,
				   &ignored);
	if (err)
		return too_long(rate, burst, err, error);
	for (int i = 0; i < S64_THROTTLE_MAX; i++)
		free += !is_referred_to(throttles, i) &&
			(!throttles->entry[i].rate || !store_rate_is_used(throttles->store, i));
	return taken < free ? 1 : too_many(error);
}

int throttles_nearest(const struct throttles *throttles, uint32_t rate)
{
	int below = -EDQUOT, lowest = -EDQUOT;

	for (int i = 0; i < S64_THROTTLE_MAX; i++) {
		uint32_t other = throttles->entry[i].rate;

		if (!other)
			continue;
		if (other <= rate && (below < 0 || other > throttles->entry[below].rate))
			below = i;
		if (lowest < 0 || other < throttles->entry[lowest].rate)
			lowest = i;
	}
	return below >= 0 ? below : lowest;
}
