// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as what comes out of the rings of a capture, torn or hostile: what is taken for a packet
 * lies in its record, and the file that is made of it is read back by libpcap without a complaint,
 * with the same packets.
 *
 * The input: the length of a name and the name, then records, each with two bytes of length.
 */
#include "fuzz.h"

#include <pcap/pcap.h>
#include <slash64/maps.h>

#include "cli/lib/capture/comments.h"
#include "cli/lib/capture/pcapng.h"
#include "cli/lib/capture/rings.h"

#define PACKETS_MAX 64

struct written {
	const uint8_t *data;
	uint32_t captured, length;
};

static struct comments comments;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	json_t *rules =
		json_loads("[{\"prefix\":\"2001:db8::/32\",\"kind\":\"length\",\"length\":56}]", 0,
			   NULL);
	struct error error;

	promise(!comments_init(&comments, rules, &error), "the rules: %s", error.text);
	json_decref(rules);
	return 0;
}

/* Words and blanks, as scripts expect. */
static void check_comment(const char *text)
{
	promise_one_line(text, COMMENT_MAX);
	promise(!strncmp(text, "verdict=", 8) && strstr(text, " reason=") &&
			strstr(text, " class="),
		"'%s'", text);
}

/* Returns whether it was written. */
static bool write_record(FILE *file, const uint8_t *bytes, size_t count, struct written *written)
{
	const struct s64_capture_record *record = rings_check(bytes, count);
	char comment[COMMENT_MAX];
	struct pcapng_packet packet;

	if (!record)
		return false;
	promise(sizeof(*record) + record->captured <= count, "%u of %zu bytes", record->captured,
		count);
	packet = (struct pcapng_packet){.time_ns = record->time_ns,
					.data = record->packet,
					.captured = record->captured,
					.length = record->length,
					.comment = comments_write(&comments, record, comment)};
	check_comment(comment);
	pcapng_packet(file, &packet);
	*written = (struct written){record->packet, record->captured, record->length};
	return true;
}

static void read_back(char *text, size_t bytes, const struct written *written, size_t count)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	FILE *file = fmemopen(text, bytes, "r");
	pcap_t *pcap = pcap_fopen_offline(file, error);
	struct pcap_pkthdr *head;
	const unsigned char *data;
	int more = 0;

	promise(pcap, "%s", error);
	for (size_t i = 0; i < count; i++) {
		more = pcap_next_ex(pcap, &head, &data);
		promise(more == 1, "packet %zu of %zu: %s", i, count, pcap_geterr(pcap));
		promise(head->caplen == written[i].captured && head->len == written[i].length,
			"packet %zu has other lengths", i);
		promise(!memcmp(data, written[i].data, head->caplen), "packet %zu is another one",
			i);
	}
	more = pcap_next_ex(pcap, &head, &data);
	promise(more == PCAP_ERROR_BREAK, "the end: %s", pcap_geterr(pcap));
	pcap_close(pcap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct written written[PACKETS_MAX];
	uint8_t *copy[PACKETS_MAX];
	size_t copies = 0, count = 0, size = 0, n = bytes ? data[0] : 0;
	char *text = NULL, *name;
	FILE *file = open_memstream(&text, &size);

	if (bytes)
		data++, bytes--;
	if (n > bytes)
		n = bytes;
	name = exact_text(data, n);
	data += n;
	bytes -= n;
	pcapng_begin(file, "slash64", name);
	pcapng_interface(file, name, S64_CAPTURE_BYTES_MAX, name);
	while (bytes >= 2 && copies < PACKETS_MAX) {
		size_t length = data[0] | data[1] << 8;

		data += 2;
		bytes -= 2;
		if (length > bytes)
			length = bytes;
		copy[copies] = exact_copy(data, length);
		count += write_record(file, copy[copies++], length, &written[count]);
		data += length;
		bytes -= length;
	}
	pcapng_statistics(file, &(struct pcapng_statistics){.matched = count, .comment = name});
	fclose(file);
	read_back(text, size, written, count);
	while (copies)
		free(copy[--copies]);
	free(name);
	free(text);
	return 0;
}
