// SPDX-License-Identifier: GPL-2.0-only
#include "host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_BYTES   64 /* longer than any address */
#define PORT_DEFAULT 80
#define PORT_MAX     65535

struct host {
	char name[NAME_BYTES]; /* without brackets */
	bool is_bracketed;
	unsigned int port;
};

static bool parse_port(const char *text, unsigned int *port)
{
	size_t n = strspn(text, "0123456789");

	if (!n || n > 5 || text[n])
		return false;
	*port = strtoul(text, NULL, 10);
	return *port && *port <= PORT_MAX;
}

/* uri-host [ ":" port ] */
static bool parse(const char *text, struct host *host)
{
	const char *begin = text, *end;

	host->is_bracketed = *text == '[';
	begin += host->is_bracketed;
	end = host->is_bracketed ? strchr(begin, ']') : begin + strcspn(begin, ":");
	if (!end || end == begin || (size_t)(end - begin) >= NAME_BYTES)
		return false;
	memcpy(host->name, begin, end - begin);
	host->name[end - begin] = '\0';
	end += host->is_bracketed;
	host->port = PORT_DEFAULT;
	return !*end || (*end == ':' && parse_port(end + 1, &host->port));
}

/* IPv4 as ::ffff:0:0/96. */
static bool parse_address(const struct host *host, struct in6_addr *address)
{
	struct in_addr v4;

	if (host->is_bracketed)
		return inet_pton(AF_INET6, host->name, address) == 1;
	if (inet_pton(AF_INET, host->name, &v4) != 1)
		return false;
	*address = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
	memcpy(&address->s6_addr[12], &v4, sizeof(v4));
	return true;
}

static bool is_loopback(const struct in6_addr *address)
{
	return IN6_IS_ADDR_LOOPBACK(address) ||
	       (IN6_IS_ADDR_V4MAPPED(address) && address->s6_addr[12] == 127);
}

static bool is_local(const struct in6_addr *address, unsigned int port,
		     const struct sockaddr *local)
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)local;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)local;

	if (local->sa_family == AF_INET6)
		return ntohs(v6->sin6_port) == port &&
		       !memcmp(&v6->sin6_addr, address, sizeof(*address));
	return local->sa_family == AF_INET && ntohs(v4->sin_port) == port &&
	       IN6_IS_ADDR_V4MAPPED(address) &&
	       !memcmp(&v4->sin_addr, &address->s6_addr[12], sizeof(v4->sin_addr));
}

bool page_host_is_ours(const char *text, const struct sockaddr *local, const char *listen)
{
	struct in6_addr address;
	struct host host;

	if (!strcasecmp(text, listen))
		return true;
	if (!parse(text, &host))
		return false;
	if (!host.is_bracketed && !strcasecmp(host.name, "localhost"))
		return true;
	return parse_address(&host, &address) &&
	       (is_loopback(&address) || is_local(&address, host.port, local));
}
