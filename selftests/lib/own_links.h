/* SPDX-License-Identifier: GPL-2.0-only */
/* A separate network namespace: wan0 with alternative names, the bridge br0 with the ports port0
 * and port1, and br1 without ports.
 */
#ifndef SELFTESTS_LIB_OWN_LINKS_H
#define SELFTESTS_LIB_OWN_LINKS_H

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Needs root; otherwise the test is skipped. */
static int own_links(void **state)
{
	static bool ready;

	(void)state;
	if (ready)
		return 0;
	if (unshare(CLONE_NEWNET))
		skip();
	ready = true;
	return system("ip link set lo up && ip link add wan0 type veth peer name other && "
		      "ip link set wan0 up && "
		      "ip link property add dev wan0 altname uplink && "
		      "ip link property add dev wan0 altname an-alternative-name-longer-than-15 && "
		      "ip link add br0 type bridge && ip link add br1 type bridge && "
		      "ip link add port0 type veth peer name port1 && "
		      "ip link set port0 master br0 && ip link set port1 master br0");
}

#endif
