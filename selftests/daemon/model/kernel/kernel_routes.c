// SPDX-License-Identifier: GPL-2.0-only
/* slash64d's routes in the kernel: a stand-in of user/daemon/blackholes/writer.c. */
#include "../world.h"

#include <string.h>

#include "daemon/blackholes/writer.h"

static struct model_route *find(const struct writer_order *order)
{
	for (unsigned int i = 0; i < world->routes; i++)
		if (world->route[i].table == order->table &&
		    !prefix_compare(&world->route[i].prefix, &order->prefix))
			return &world->route[i];
	return NULL;
}

static int carry_out(const struct writer_order *order)
{
	struct model_route *route = find(order);
	int err = world_at(PLACE_ROUTE);

	if (err)
		return err;
	if (order->adds && !route) {
		if (world->routes == ROUTES_MAX)
			world_fail("model", "more routes than the kernel has room for");
		world->route[world->routes++] = (struct model_route){order->prefix, order->table};
	} else if (!order->adds && route) {
		*route = world->route[--world->routes];
	}
	return 0;
}

int writer_send(struct writer_order *orders, size_t count)
{
	for (size_t i = 0; i < count; i++)
		orders[i].err = carry_out(&orders[i]);
	return 0;
}

int writer_read(struct task *task, writer_route_t take, void *data)
{
	int err = 0;

	(void)task;
	for (unsigned int i = 0; i < world->routes && !err; i++)
		err = take(&world->route[i].prefix, world->route[i].table, data);
	return err;
}
