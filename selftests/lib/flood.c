// SPDX-License-Identifier: GPL-2.0-only
/* A paced sender and a counting receiver of IPv6 packets, for the tests and the demo.
 *   flood --iface I --gateway MAC --src PREFIX --dst ADDRESS --rate PPS --seconds S
 *         [--kind echo|udp|syn] [--vlan TAG[,TAG...]] [--counters PIN] [--sources N]
 *         sends; each packet from another interface identifier of a /64, or from N of them in turn. Prints
 *         {"sent":N,"first_drop":T}: with the counters of slash64 pinned there, T is when they first counted
 *         another packet of a blocked source, checked after each packet sent; otherwise 0.
 *   flood --receive --iface I --seconds S
 *         counts IPv6 packets by source /64. Prints {"PREFIX":{"packets":N,"first":T,"last":T},...},
 *         times in ns of CLOCK_MONOTONIC, taken by the kernel when the packet arrived.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <getopt.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <slash64/maps.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TAGS_MAX     10
#define TAG_BYTES    4
#define LINK_BYTES   14
#define PACKET_BYTES (40 + 64)
#define PREFIXES_MAX 4096
#define BATCH	     32

static volatile sig_atomic_t stopped;

static void on_signal(int n)
{
	(void)n;
	stopped = 1;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static int open_socket(const char *iface, int protocol)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET,
				      .sll_protocol = htons(protocol),
				      .sll_ifindex = if_nametoindex(iface)};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(protocol));
	int room = 64 << 20;

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		fprintf(stderr, "flood: %s: %s\n", iface, strerror(errno));
		exit(1);
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return fd;
}

static uint32_t sum_words(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += p[i] << 8 | p[i + 1];
	return sum;
}

/* The pseudo header's next header and length are added; the checksum field must be 0. */
static void checksum(uint8_t *ip, uint8_t protocol, size_t payload, size_t field)
{
	uint32_t sum = sum_words(ip + 8, 32, payload + protocol);

	sum = sum_words(ip + 40, payload, sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	ip[40 + field] = sum >> 8;
	ip[40 + field + 1] = sum;
}

struct sender {
	const char *iface, *gateway, *src, *dst, *kind, *vlan, *counters;
	double rate, seconds;
	uint32_t sources;
};

/* The counters of slash64, and their values at the start. */
struct watch {
	const struct s64_counters *counters; /* NULL: not watched */
	size_t count;
	uint64_t before, first_drop;
};

static uint64_t blocked(const struct watch *watch)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < watch->count; i++)
		for (int class = 0; class < S64_CLASS_MAX; class ++)
			sum += S64_READ_ONCE(
				watch->counters[i]
					.of_class[S64_OUTCOME_ENFORCED][class][S64_REASON_BLOCKED]
					.packets);
	return sum;
}

static struct watch watch_open(const char *pin)
{
	struct bpf_map_info info = {};
	struct watch watch = {};
	uint32_t bytes = sizeof(info);
	int fd = pin ? bpf_obj_get(pin) : -1;

	if (!pin)
		return watch;
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &bytes) ||
	    info.value_size != sizeof(struct s64_counters)) {
		fprintf(stderr, "flood: %s: no counters of slash64\n", pin);
		exit(1);
	}
	watch.count = info.max_entries;
	watch.counters =
		mmap(NULL, watch.count * sizeof(struct s64_counters), PROT_READ, MAP_SHARED, fd, 0);
	if (watch.counters == MAP_FAILED) {
		fprintf(stderr, "flood: %s: %s\n", pin, strerror(errno));
		exit(1);
	}
	watch.before = blocked(&watch);
	return watch;
}

static void watch_look(struct watch *watch)
{
	if (watch->counters && !watch->first_drop && blocked(watch) != watch->before)
		watch->first_drop = now_ns();
}

static uint8_t protocol_of(const struct sender *s)
{
	return !strcmp(s->kind, "udp") ? IPPROTO_UDP :
	       !strcmp(s->kind, "syn") ? IPPROTO_TCP :
					 IPPROTO_ICMPV6;
}

static size_t checksum_field(uint8_t protocol)
{
	return protocol == IPPROTO_UDP ? 6 : protocol == IPPROTO_TCP ? 16 : 2;
}

/* Addresses, tags (the outer one first), and the EtherType. Returns the number of bytes. */
static size_t build_link(uint8_t *frame, const struct sender *s, int fd)
{
	struct sockaddr_ll own;
	socklen_t n = sizeof(own);
	size_t at = 12;

	if (sscanf(s->gateway, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", frame, frame + 1, frame + 2,
		   frame + 3, frame + 4, frame + 5) != 6) {
		fprintf(stderr, "flood: '%s' is no MAC address\n", s->gateway);
		exit(2);
	}
	getsockname(fd, (struct sockaddr *)&own, &n);
	memcpy(frame + 6, own.sll_addr, 6);
	for (const char *tag = s->vlan; tag && at < 12 + TAGS_MAX * TAG_BYTES; at += TAG_BYTES) {
		const char *next = strchr(tag, ',');
		int id = atoi(tag);

		/* a service tag (IEEE 802.1ad) is followed by another tag */
		frame[at] = next ? 0x88 : 0x81;
		frame[at + 1] = next ? 0xa8 : 0x00;
		frame[at + 2] = id >> 8;
		frame[at + 3] = id;
		tag = next ? next + 1 : NULL;
	}
	frame[at] = 0x86;
	frame[at + 1] = 0xdd;
	return at + 2;
}

static void build_packet(uint8_t *ip, const struct sender *s, const struct in6_addr *src,
			 const struct in6_addr *dst)
{
	uint8_t protocol = protocol_of(s);

	ip[0] = 0x60;
	ip[5] = 64;
	ip[6] = protocol;
	ip[7] = 64;
	memcpy(ip + 8, src, 16);
	memcpy(ip + 24, dst, 16);
	if (protocol == IPPROTO_UDP) {
		ip[41] = 53; /* to the discard port */
		ip[43] = 9;
		ip[45] = 64;
	} else if (protocol == IPPROTO_TCP) {
		ip[40] = 0xc0;
		ip[43] = 9;
		ip[52] = 5 << 4;
		ip[53] = 0x02;
		ip[54] = 0xff;
	} else {
		ip[40] = 128;
	}
}

static int send_all(const struct sender *s)
{
	struct in6_addr src, dst;
	uint8_t frame[LINK_BYTES + TAGS_MAX * TAG_BYTES + PACKET_BYTES] = {};
	uint64_t start, sent = 0;
	size_t link;
	size_t field = checksum_field(protocol_of(s));
	int fd = open_socket(s->iface, 0);
	struct watch watch = watch_open(s->counters);
	char text[64];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(s->src, "/"), s->src);
	if (inet_pton(AF_INET6, text, &src) != 1 || inet_pton(AF_INET6, s->dst, &dst) != 1) {
		fprintf(stderr, "flood: bad address\n");
		return 2;
	}
	link = build_link(frame, s, fd);
	build_packet(frame + link, s, &src, &dst);
	start = now_ns();
	while (!stopped) {
		double elapsed = (now_ns() - start) / 1e9;
		uint64_t due = (elapsed < s->seconds ? elapsed : s->seconds) * s->rate;

		for (int i = 0; i < BATCH && sent < due; i++, sent++) {
			uint8_t *ip = frame + link;

			uint32_t src_key = src.s6_addr[6] << 8 | src.s6_addr[7];

			src_key += sent % s->sources;
			ip[14] = src_key >> 8;
			ip[15] = src_key;
			for (int j = 0; j < 4; j++)
				ip[20 + j] = sent >> (24 - 8 * j);
			ip[40 + field] = ip[40 + field + 1] = 0;
			checksum(ip, ip[6], 64, field);
			if (send(fd, frame, link + PACKET_BYTES, 0) < 0 && errno != ENOBUFS) {
				fprintf(stderr, "flood: send: %s\n", strerror(errno));
				return 1;
			}
			watch_look(&watch);
		}
		if (elapsed >= s->seconds && sent >= (uint64_t)(s->seconds * s->rate))
			break;
		if (sent >= due)
			usleep(500);
	}
	printf("{\"sent\":%llu,\"first_drop\":%llu}\n", (unsigned long long)sent,
	       (unsigned long long)watch.first_drop);
	return 0;
}

struct seen {
	uint64_t hi, packets, first, last;
};

/* CLOCK_REALTIME minus CLOCK_MONOTONIC. If the process was preempted between the two reads, the
 * difference is too large, so the least of several is right.
 */
static int64_t realtime_ahead(void)
{
	int64_t least = INT64_MAX;

	for (int i = 0; i < 16; i++) {
		int64_t monotonic = now_ns(), ahead;
		struct timespec real;

		clock_gettime(CLOCK_REALTIME, &real);
		ahead = real.tv_sec * 1000000000LL + real.tv_nsec - monotonic;
		if (ahead < least)
			least = ahead;
	}
	return least;
}

/* Converts the kernel's timestamp from CLOCK_REALTIME to CLOCK_MONOTONIC. */
static uint64_t stamp_of(struct msghdr *message, int64_t ahead)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		struct timespec stamp;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPNS)
			continue;
		memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
		return stamp.tv_sec * 1000000000LL + stamp.tv_nsec - ahead;
	}
	return now_ns();
}

/* Offset of the IPv6 header behind any tags; 0 if there is none. */
static size_t ipv6_at(const uint8_t *frame, size_t bytes)
{
	for (size_t at = 12; at + 2 + 40 <= bytes; at += TAG_BYTES) {
		unsigned int type = frame[at] << 8 | frame[at + 1];

		if (type == ETH_P_IPV6)
			return at + 2;
		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			return 0;
	}
	return 0;
}

/* Packets that the socket dropped because the receiver was too slow. */
static unsigned int dropped(int fd)
{
	struct tpacket_stats stats = {};
	socklen_t bytes = sizeof(stats);

	return getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &bytes) ? 0 : stats.tp_drops;
}

static int receive(const char *iface, double seconds)
{
	static struct seen seen[PREFIXES_MAX];
	int fd = open_socket(iface, ETH_P_ALL), n = 0, on = 1;
	struct timeval wait = {0, 20000};
	uint64_t end = now_ns() + seconds * 1e9, ended = 0;
	int64_t ahead = realtime_ahead();
	uint8_t frame[256], control[128];

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	fprintf(stderr, "receiving\n");
	for (;;) {
		struct sockaddr_ll from;
		struct iovec part = {frame, sizeof(frame)};
		struct msghdr message = {.msg_name = &from,
					 .msg_namelen = sizeof(from),
					 .msg_iov = &part,
					 .msg_iovlen = 1,
					 .msg_control = control,
					 .msg_controllen = sizeof(control)};
		uint64_t hi, at;
		ssize_t got;
		size_t ip;
		int i;

		/* everything queued by then has been received */
		if (!ended && (stopped || now_ns() >= end))
			ended = now_ns();
		got = recvmsg(fd, &message, ended ? MSG_DONTWAIT : 0);
		ip = got > 0 ? ipv6_at(frame, got) : 0;
		if (got < 0 && ended && errno != EINTR)
			break;
		if (!ip || from.sll_pkttype == PACKET_OUTGOING)
			continue;
		at = stamp_of(&message, ahead);
		if (ended && at > ended)
			break;
		memcpy(&hi, frame + ip + 8, 8);
		for (i = 0; i < n && seen[i].hi != hi; i++)
			;
		if (i == n && n < PREFIXES_MAX)
			seen[n++] = (struct seen){.hi = hi, .first = at};
		if (i < n) {
			seen[i].packets++;
			seen[i].last = at;
		}
	}
	fprintf(stderr, "dropped %u\n", dropped(fd));
	printf("{");
	for (int i = 0; i < n; i++) {
		struct in6_addr address = {};
		char text[64];

		memcpy(&address, &seen[i].hi, 8);
		inet_ntop(AF_INET6, &address, text, sizeof(text));
		printf("%s\"%s/64\":{\"packets\":%llu,\"first\":%llu,\"last\":%llu}", i ? "," : "",
		       text, (unsigned long long)seen[i].packets, (unsigned long long)seen[i].first,
		       (unsigned long long)seen[i].last);
	}
	printf("}\n");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{"iface", 1, NULL, 'i'},   {"gateway", 1, NULL, 'g'}, {"src", 1, NULL, 's'},
		{"dst", 1, NULL, 'd'},	   {"rate", 1, NULL, 'r'},    {"seconds", 1, NULL, 't'},
		{"kind", 1, NULL, 'k'},	   {"vlan", 1, NULL, 'v'},    {"counters", 1, NULL, 'c'},
		{"sources", 1, NULL, 'n'}, {"receive", 0, NULL, 'R'}, {NULL, 0, NULL, 0},
	};
	struct sender s = {.kind = "echo", .rate = 1000, .seconds = 1, .sources = 1};
	int c, receiving = 0;

	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'i':
			s.iface = optarg;
			break;
		case 'g':
			s.gateway = optarg;
			break;
		case 's':
			s.src = optarg;
			break;
		case 'd':
			s.dst = optarg;
			break;
		case 'r':
			s.rate = atof(optarg);
			break;
		case 't':
			s.seconds = atof(optarg);
			break;
		case 'k':
			s.kind = optarg;
			break;
		case 'v':
			s.vlan = optarg;
			break;
		case 'c':
			s.counters = optarg;
			break;
		case 'n':
			s.sources = atoi(optarg);
			break;
		case 'R':
			receiving = 1;
			break;
		default:
			return 2;
		}
	}
	if (!s.iface || !s.sources || (!receiving && (!s.gateway || !s.src || !s.dst))) {
		fprintf(stderr, "flood: see the head of flood.c\n");
		return 2;
	}
	return receiving ? receive(s.iface, s.seconds) : send_all(&s);
}
