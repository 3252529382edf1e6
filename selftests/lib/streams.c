// SPDX-License-Identifier: GPL-2.0-only
/* Several paced streams of IPv6 packets at once, each from many sources, to many destinations and ports.
 *   streams --iface I --gateway MAC --seconds S [--write FILE] KIND[,KEY=VALUE]...
 *     KIND  echo, udp, syn, tcp, time-exceeded, unreachable or fragment
 *     rate  packets per second (1000)      bytes         of payload, behind the IPv6 header (64)
 *     src   the first source, a /64        sources, step so many of them, each so many /64s further (1, 1)
 *     dst   the first destination          destinations  so many of them, one after another (1)
 *     port  the first one (9)              ports         so many of them, one after another (1)
 *     sport of UDP and TCP; 0: each packet another one (0)
 *     hops  the hop limit (64)
 *     at    begins so many seconds later (0); for  ends so many seconds after that (0: with all others); every  and begins
 *           again so many seconds after it began (0: it does not)
 *   Sources, destinations and ports take turns, packet by packet.
 *   FILE is a pcap of what was sent.
 *   Prints {"seconds":S,"sent":[N,...],"lost":N}, a figure for each stream; lost: the link had no room.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STREAMS_MAX   32
#define BATCH	      64
#define LINK_BYTES    14
#define HEADER_BYTES  40
#define PAYLOAD_MAX   1460
#define FRAME_MAX     (LINK_BYTES + HEADER_BYTES + PAYLOAD_MAX)
#define FRAGMENT_NEXT 44
#define NAP_US	      200
#define BEHIND_MS     50 /* what could not be sent for longer is not caught up with */

static volatile sig_atomic_t stopped;

enum kind { ECHO, UDP, SYN, TCP, TIME_EXCEEDED, UNREACHABLE, FRAGMENT, KINDS };

static const struct {
	const char *name;
	uint8_t protocol, type; /* of ICMPv6 */
	uint8_t checksum;	/* where it is in the payload; 0: there is none */
} kinds[KINDS] = {
	[ECHO] = {"echo", IPPROTO_ICMPV6, 128, 2},
	[UDP] = {"udp", IPPROTO_UDP, 0, 6},
	[SYN] = {"syn", IPPROTO_TCP, 0, 16},
	[TCP] = {"tcp", IPPROTO_TCP, 0, 16},
	[TIME_EXCEEDED] = {"time-exceeded", IPPROTO_ICMPV6, 3, 2},
	[UNREACHABLE] = {"unreachable", IPPROTO_ICMPV6, 1, 2},
	[FRAGMENT] = {"fragment", FRAGMENT_NEXT, 0, 0},
};

struct stream {
	enum kind kind;
	double rate, at, lasts, every;
	struct in6_addr src, dst;
	uint32_t sources, step, destinations, port, ports, sport, hops, bytes;
	uint64_t sent, tried;
	uint8_t frame[FRAME_MAX];
	uint32_t sum; /* of what does not change */
};

static struct stream streams[STREAMS_MAX];
static size_t count;
static FILE *capture; /* NULL: none is written */

static void on_signal(int n)
{
	(void)n;
	stopped = 1;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "streams: %s: %s\n", what, why);
	exit(2);
}

/* --- what is to be sent --- */

static bool set_number(struct stream *s, const char *key, const char *value)
{
	const struct {
		const char *key;
		uint32_t *number;
	} numbers[] = {
		{"sources", &s->sources}, {"step", &s->step},	{"destinations", &s->destinations},
		{"port", &s->port},	  {"ports", &s->ports}, {"sport", &s->sport},
		{"hops", &s->hops},	  {"bytes", &s->bytes}};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!strcmp(key, numbers[i].key)) {
			*numbers[i].number = strtoul(value, NULL, 10);
			return true;
		}
	return false;
}

static void set(struct stream *s, const char *key, char *value)
{
	if (!strcmp(key, "rate"))
		s->rate = atof(value);
	else if (!strcmp(key, "at"))
		s->at = atof(value);
	else if (!strcmp(key, "for"))
		s->lasts = atof(value);
	else if (!strcmp(key, "every"))
		s->every = atof(value);
	else if (!strcmp(key, "src") || !strcmp(key, "dst")) {
		value[strcspn(value, "/")] = '\0';
		if (inet_pton(AF_INET6, value, *key == 's' ? &s->src : &s->dst) != 1)
			die(value, "no address");
	} else if (!set_number(s, key, value))
		die(key, "no such key");
}

static void parse(char *text)
{
	struct stream *s = &streams[count];
	char *word = strtok(text, ","), *value;

	if (count++ == STREAMS_MAX)
		die(text, "too many streams");
	*s = (struct stream){.rate = 1000,
			     .sources = 1,
			     .step = 1,
			     .destinations = 1,
			     .port = 9,
			     .ports = 1,
			     .hops = 64,
			     .bytes = 64};
	while (s->kind < KINDS && strcmp(word, kinds[s->kind].name))
		s->kind++;
	if (s->kind == KINDS)
		die(word, "no such kind");
	while ((word = strtok(NULL, ","))) {
		value = strchr(word, '=');
		if (!value)
			die(word, "no KEY=VALUE");
		*value++ = '\0';
		set(s, word, value);
	}
	if (!s->sources || !s->destinations || !s->ports || s->bytes < 20 || s->bytes > PAYLOAD_MAX)
		die("a stream", "out of range");
}

/* --- packets --- */

static uint32_t sum_words(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += i % 2 ? p[i] : p[i] << 8;
	return sum;
}

/* An error quotes the packet that it is about: UDP from its receiver. */
static void build_quote(uint8_t *quote, const struct stream *s)
{
	if (s->bytes < 8 + HEADER_BYTES + 8)
		return;
	quote[0] = 0x60;
	quote[5] = 8;
	quote[6] = IPPROTO_UDP;
	quote[7] = 1;
	memcpy(quote + 8, &s->dst, 16);
	memcpy(quote + 24, &s->src, 16);
	quote[HEADER_BYTES + 5] = 8;
}

static void build(struct stream *s, const uint8_t gateway[6], const uint8_t own[6])
{
	uint8_t *ip = s->frame + LINK_BYTES, *payload = ip + HEADER_BYTES;

	memcpy(s->frame, gateway, 6);
	memcpy(s->frame + 6, own, 6);
	s->frame[12] = 0x86;
	s->frame[13] = 0xdd;
	ip[0] = 0x60;
	ip[4] = s->bytes >> 8;
	ip[5] = s->bytes;
	ip[6] = kinds[s->kind].protocol;
	ip[7] = s->hops;
	payload[0] = kinds[s->kind].type;
	if (s->kind == UDP) {
		payload[4] = s->bytes >> 8;
		payload[5] = s->bytes;
	} else if (s->kind == SYN || s->kind == TCP) {
		payload[12] = 5 << 4;
		payload[13] = s->kind == SYN ? 0x02 : 0x10;
		payload[14] = 0xff;
	} else if (s->kind == FRAGMENT) {
		payload[0] = IPPROTO_UDP;
		payload[2] = 0x05; /* 1280 bytes into the packet, which ends here */
	} else if (s->kind != ECHO) {
		build_quote(payload + 8, s);
	}
	s->sum = sum_words(payload, s->bytes) + s->bytes + kinds[s->kind].protocol;
}

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = value >> 8;
	p[1] = value;
}

/* The packet of that number, in a frame that holds the stream's template. */
static void fill(const struct stream *s, uint8_t *frame, uint64_t number)
{
	uint8_t *ip = frame + LINK_BYTES, *payload = ip + HEADER_BYTES;
	uint32_t source, dst_low, port = 0, sport = 0, sum;
	struct in6_addr src = s->src, dst = s->dst;

	memcpy(frame, s->frame, LINK_BYTES + HEADER_BYTES + s->bytes);
	source = ntohl(src.s6_addr32[1]) + number % s->sources * s->step;
	src.s6_addr32[1] = htonl(source);
	src.s6_addr32[3] = htonl(number * 2654435761U | 1);
	dst_low = ntohl(dst.s6_addr32[3]) + number % s->destinations;
	dst.s6_addr32[3] = htonl(dst_low);
	memcpy(ip + 8, &src, 16);
	memcpy(ip + 24, &dst, 16);
	if (s->kind == UDP || s->kind == SYN || s->kind == TCP) {
		sport = s->sport ? s->sport : 1024 + number % 60000;
		port = s->port + number % s->ports;
		put16(payload, sport);
		put16(payload + 2, port);
	}
	if (!kinds[s->kind].checksum)
		return;
	sum = s->sum + sum_words(ip + 8, 32) + (uint16_t)sport + (uint16_t)port;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(payload + kinds[s->kind].checksum, ~sum & 0xffff);
}

/* --- a capture --- */

static void put32(uint32_t value)
{
	fwrite(&value, sizeof(value), 1, capture);
}

static void capture_open(const char *path)
{
	capture = fopen(path, "w");
	if (!capture)
		die(path, strerror(errno));
	put32(0xa1b2c3d4); /* microseconds, in the byte order of this machine */
	put32(4 << 16 | 2);
	put32(0);
	put32(0);
	put32(FRAME_MAX);
	put32(1); /* Ethernet */
}

static void capture_put(const uint8_t *frame, size_t bytes)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	put32(t.tv_sec);
	put32(t.tv_nsec / 1000);
	put32(bytes);
	put32(bytes);
	fwrite(frame, bytes, 1, capture);
}

/* --- sending --- */

static int open_link(const char *iface, uint8_t own[6])
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET,
				      .sll_ifindex = if_nametoindex(iface)};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;
	socklen_t bytes = sizeof(address);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    getsockname(fd, (struct sockaddr *)&address, &bytes))
		die(iface, strerror(errno));
	memcpy(own, address.sll_addr, 6);
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on));
	return fd;
}

static size_t send_some(int fd, struct stream *s, uint64_t most)
{
	static uint8_t frame[BATCH][FRAME_MAX];
	struct mmsghdr message[BATCH] = {};
	struct iovec part[BATCH];
	size_t n = most < BATCH ? most : BATCH, at = 0, lost = 0;

	for (size_t i = 0; i < n; i++) {
		fill(s, frame[i], s->tried++);
		part[i] = (struct iovec){frame[i], LINK_BYTES + HEADER_BYTES + s->bytes};
		message[i].msg_hdr.msg_iov = &part[i];
		message[i].msg_hdr.msg_iovlen = 1;
		if (capture)
			capture_put(frame[i], part[i].iov_len);
	}
	while (at < n) {
		int done = sendmmsg(fd, message + at, n - at, 0);

		if (done < 0 && errno != ENOBUFS && errno != EINTR && errno != EAGAIN)
			die("send", strerror(errno));
		if (done < 0 && errno != EINTR)
			lost++, done = 1;
		at += done > 0 ? done : 0;
	}
	s->sent += n - lost;
	return lost;
}

/* For how long it has been sending. */
static double active_s(const struct stream *s, double since)
{
	double rounds = s->every ? (uint64_t)(since / s->every) : 0,
	       rest = since - rounds * s->every;

	return s->lasts ? rounds * s->lasts + (rest > s->lasts ? s->lasts : rest) : since;
}

static uint64_t due(struct stream *s, double elapsed)
{
	double since = elapsed - s->at, behind = s->rate * BEHIND_MS / 1000 + BATCH;
	uint64_t wanted;

	if (since <= 0)
		return 0;
	wanted = active_s(s, since) * s->rate;
	if (wanted < s->tried)
		return 0;
	if (wanted - s->tried > behind)
		s->tried = wanted - behind;
	return wanted - s->tried;
}

static void run(const char *iface, const char *gateway, double seconds)
{
	double start = now_s(), elapsed = 0;
	uint8_t to[6], own[6];
	uint64_t lost = 0;
	int fd = open_link(iface, own);

	if (sscanf(gateway, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", to, to + 1, to + 2, to + 3, to + 4,
		   to + 5) != 6)
		die(gateway, "no MAC address");
	for (size_t i = 0; i < count; i++)
		build(&streams[i], to, own);
	while (!stopped && (elapsed = now_s() - start) < seconds) {
		bool idle = true;

		for (size_t i = 0; i < count; i++) {
			uint64_t n = due(&streams[i], elapsed);

			if (n)
				lost += send_some(fd, &streams[i], n);
			idle &= n < BATCH;
		}
		if (idle)
			usleep(NAP_US);
	}
	printf("{\"seconds\":%.3f,\"sent\":[", elapsed);
	for (size_t i = 0; i < count; i++)
		printf("%s%llu", i ? "," : "", (unsigned long long)streams[i].sent);
	printf("],\"lost\":%llu}\n", (unsigned long long)lost);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {{"iface", 1, NULL, 'i'},
					      {"gateway", 1, NULL, 'g'},
					      {"seconds", 1, NULL, 't'},
					      {"write", 1, NULL, 'w'},
					      {NULL, 0, NULL, 0}};
	const char *iface = NULL, *gateway = NULL;
	double seconds = 1;
	int c;

	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'i')
			iface = optarg;
		else if (c == 'g')
			gateway = optarg;
		else if (c == 't')
			seconds = atof(optarg);
		else if (c == 'w')
			capture_open(optarg);
		else
			return 2;
	}
	while (optind < argc)
		parse(argv[optind++]);
	if (!iface || !gateway || !count)
		die("usage", "see the head of streams.c");
	run(iface, gateway, seconds);
	if (capture && fclose(capture))
		die("the capture", strerror(errno));
	return 0;
}
