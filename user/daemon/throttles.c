// SPDX-License-Identifier: GPL-2.0-only
#include "throttles.h"

#include <errno.h>
#include <string.h>

#include "policy.h"

static int compile(const struct throttles *throttles, unsigned int number, struct s64_limit *limit)
{
	struct policy_limit rate = {.rate = throttles->entry[number].rate,
				    .burst = throttles->entry[number].burst};

	return policy_compile_limit(&rate, S64_LIMIT_THROTTLE + number, throttles->tables->meta->tick_ns,
				    limit);
}

static void put_in_force(const struct throttles *throttles, unsigned int number)
{
	struct s64_limit limit;

	if (compile(throttles, number, &limit))
		return;
	for (uint32_t slot = 0; slot < throttles->tables->meta->iface_slots; slot++)
		throttles->tables->limits[slot * S64_LIMIT_MAX + S64_LIMIT_THROTTLE + number] = limit;
}

static void take(unsigned int number, uint32_t rate, uint32_t burst, void *data)
{
	struct throttles *throttles = data;

	if (number >= S64_THROTTLE_MAX)
		return;
	throttles->entry[number].rate = rate;
	throttles->entry[number].burst = burst;
	put_in_force(throttles, number);
}

static int load(struct throttles *throttles, struct error *error)
{
	memset(throttles->entry, 0, sizeof(throttles->entry));
	return store_rates(throttles->store, take, throttles, error);
}

int throttles_init(struct throttles *throttles, struct store *store, const struct tables *tables,
		   struct error *error)
{
	throttles->store = store;
	throttles->tables = tables;
	return load(throttles, error);
}

static int find(const struct throttles *throttles, uint32_t rate, uint32_t burst)
{
	for (int i = 0; i < S64_THROTTLE_MAX; i++)
		if (throttles->entry[i].rate == rate && throttles->entry[i].burst == burst)
			return i;
	return -ENOENT;
}

int throttles_number(struct throttles *throttles, uint32_t rate, uint32_t burst, struct error *error)
{
	int number = find(throttles, rate, burst), err;
	struct s64_limit limit;

	if (number >= 0)
		return number;
	number = find(throttles, 0, 0);
	if (number < 0) {
		err = store_rates_prune(throttles->store, error);
		err = err ? err : load(throttles, error);
		if (err)
			return err;
		number = find(throttles, 0, 0);
	}
	if (number < 0)
		return error_set(error, -ENOSPC,
				 "there are %d different rates already; use one of those ('slash64 list --kind throttle')",
				 S64_THROTTLE_MAX);
	throttles->entry[number].rate = rate;
	throttles->entry[number].burst = burst;
	err = compile(throttles, number, &limit);
	if (err)
		error_set(error, err, "a burst of %u at %u packets per second is more than %d seconds long",
			  burst, rate, S64_WINDOW_SECONDS);
	else
		err = store_rate_put(throttles->store, number, rate, burst, error);
	if (err) {
		throttles->entry[number].rate = throttles->entry[number].burst = 0;
		return err;
	}
	put_in_force(throttles, number);
	return number;
}
