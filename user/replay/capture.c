// SPDX-License-Identifier: GPL-2.0-only
#include "capture.h"

#include <errno.h>
#include <net/ethernet.h>
#include <pcap/pcap.h>
#include <pcap/sll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#define FRAME_BYTES_MAX (256 * 1024)

#ifndef DLT_LINUX_SLL2
#define DLT_LINUX_SLL2 276
#endif

#define NULL_BYTES     4
#define COOKED_BYTES   16 /* protocol at 14 */
#define COOKED_2_BYTES 20 /* protocol at 0 */

struct capture {
	pcap_t *pcap;
	const char *path;
	int link;
	off_t size; /* of the file; 0 if unknown */
	unsigned char frame[ETH_HLEN + FRAME_BYTES_MAX];
};

static bool link_is_known(int link)
{
	switch (link) {
	case DLT_EN10MB:
	case DLT_NULL:
	case DLT_LOOP:
	case DLT_RAW:
	case DLT_IPV6:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
		return true;
	}
	return false;
}

int capture_open(struct capture **out, const char *path, struct error *error)
{
	struct capture *capture = calloc(1, sizeof(*capture));
	char problem[PCAP_ERRBUF_SIZE] = "";
	struct stat st;

	if (!capture)
		return error_set(error, -ENOMEM, "out of memory");
	capture->path = path;
	capture->pcap =
		pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, problem);
	if (!capture->pcap) {
		free(capture);
		if (strcmp(path, "-") && access(path, R_OK))
			return error_set(error, -errno, "cannot read %s: %s", path,
					 strerror(errno));
		return error_set(error, -EINVAL, "cannot read %s: %s; it must be pcap or pcapng",
				 path, problem);
	}
	capture->link = pcap_datalink(capture->pcap);
	if (!link_is_known(capture->link)) {
		const char *name = pcap_datalink_val_to_name(capture->link);
		int err = error_set(error, -EINVAL,
				    "%s: unknown link type %d (%s); capture on Ethernet, "
				    "raw IP, null or Linux cooked",
				    path, capture->link, name ? name : "unnamed");

		capture_close(capture);
		return err;
	}
	if (pcap_file(capture->pcap) && !fstat(fileno(pcap_file(capture->pcap)), &st) &&
	    S_ISREG(st.st_mode))
		capture->size = st.st_size;
	*out = capture;
	return 0;
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	if (capture->pcap)
		pcap_close(capture->pcap);
	free(capture);
}

static uint16_t ethertype_of_version(const unsigned char *packet, uint32_t bytes)
{
	return bytes && packet[0] >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IP;
}

/* The address family is that of the capturing machine, in its byte order: BSDs and macOS have 24,
 * 28 and 30 for IPv6, Linux 10.
 */
static uint16_t ethertype_of_family(const unsigned char *header)
{
	unsigned int low = header[0] | header[1], high = header[2] | header[3];
	unsigned int family = low ? low : high;

	if (family == 10 || family == 24 || family == 28 || family == 30)
		return ETHERTYPE_IPV6;
	return family == 2 ? ETHERTYPE_IP : 0;
}

/* How many bytes to remove, and the EtherType to replace them with. -1 if the packet is too short.
 */
static int link_header(int link, const unsigned char *packet, uint32_t bytes, uint16_t *ethertype)
{
	switch (link) {
	case DLT_NULL:
	case DLT_LOOP:
		if (bytes < NULL_BYTES)
			return -1;
		*ethertype = ethertype_of_family(packet);
		return NULL_BYTES;
	case DLT_RAW:
		*ethertype = ethertype_of_version(packet, bytes);
		return 0;
	case DLT_IPV6:
		*ethertype = ETHERTYPE_IPV6;
		return 0;
	case DLT_LINUX_SLL:
		if (bytes < COOKED_BYTES)
			return -1;
		*ethertype = packet[14] << 8 | packet[15];
		return COOKED_BYTES;
	case DLT_LINUX_SLL2:
		if (bytes < COOKED_2_BYTES)
			return -1;
		*ethertype = packet[0] << 8 | packet[1];
		return COOKED_2_BYTES;
	}
	return -1;
}

static void reframe(struct capture *capture, const unsigned char *packet, uint32_t bytes,
		    uint32_t wire_bytes, struct captured *out)
{
	uint16_t ethertype;
	int header;

	if (capture->link == DLT_EN10MB) {
		out->frame = packet;
		out->bytes = bytes;
		out->wire_bytes = wire_bytes;
		return;
	}
	header = link_header(capture->link, packet, bytes, &ethertype);
	if (header < 0) {
		out->frame = packet;
		out->bytes = 0;
		out->wire_bytes = 0;
		return;
	}
	bytes -= header;
	if (bytes > FRAME_BYTES_MAX)
		bytes = FRAME_BYTES_MAX;
	memset(capture->frame, 0, 2 * ETH_ALEN);
	capture->frame[12] = ethertype >> 8;
	capture->frame[13] = ethertype & 0xff;
	memcpy(capture->frame + ETH_HLEN, packet + header, bytes);
	out->frame = capture->frame;
	out->bytes = ETH_HLEN + bytes;
	/* the file may claim any length on the wire */
	wire_bytes -= header;
	out->wire_bytes = wire_bytes > UINT32_MAX - ETH_HLEN ? UINT32_MAX : ETH_HLEN + wire_bytes;
}

int capture_next(struct capture *capture, struct captured *out, struct error *error)
{
	struct pcap_pkthdr *header;
	const unsigned char *packet;
	int got = pcap_next_ex(capture->pcap, &header, &packet);

	if (got == PCAP_ERROR_BREAK)
		return 0;
	if (got != 1)
		return error_set(error, -EIO, "%s is damaged or truncated: %s", capture->path,
				 pcap_geterr(capture->pcap));
	out->time_ns = (uint64_t)header->ts.tv_sec * 1000000000ULL + header->ts.tv_usec;
	/* some captures claim less than they contain */
	reframe(capture, packet, header->caplen,
		header->len > header->caplen ? header->len : header->caplen, out);
	return 1;
}

double capture_progress(const struct capture *capture)
{
	FILE *file = pcap_file(capture->pcap);
	long at = file ? ftell(file) : -1;

	return capture->size && at >= 0 ? (double)at / capture->size : -1;
}
