// SPDX-License-Identifier: GPL-2.0-only
/* proposals ID --write FILE: the packets that slash64d kept of a proposal, as pcapng with the reason
 * of each.
 */
#include "proposal_packets.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/text/when.h"
#include "cli/lib/args.h"
#include "cli/lib/capture/comments.h"
#include "cli/lib/capture/output.h"
#include "cli/lib/capture/pcapng.h"
#include "cli/lib/output/print.h"
#include "client/client.h"
#include "policy/names.h"
#include "base/text/language.h"

#define NS_PER_US      1000
#define INTERFACES_MAX 64
#define UNKNOWN	       "unknown" /* an interface that has gone */
#define FILTER_MAX     64
#define BYTES_MAX      S64_CAPTURE_BYTES_MAX

struct writing {
	struct output output;
	struct comments comments;
	uint32_t snaplen;
	char filter[FILTER_MAX];
	char *interface[INTERFACES_MAX];
	int interfaces;
	uint64_t written;
};

/* -1: it is not hexadecimal, or too long. */
static int from_hex(const char *text, uint8_t data[BYTES_MAX])
{
	size_t length = strlen(text);

	if (length % 2 || length / 2 > BYTES_MAX || strspn(text, "0123456789abcdef") != length)
		return -1;
	for (size_t i = 0; i < length / 2; i++)
		sscanf(text + 2 * i, "%2hhx", &data[i]);
	return length / 2;
}

static uint8_t class_of(const char *name)
{
	int class = 0;

	while (class < S64_CLASS_COUNT && strcmp(class_info(class)->name, name))
		class ++;
	return class;
}

static uint8_t reason_of(const char *name)
{
	int reason = 0;

	while (reason < S64_REASON_COUNT &&
	       (!reason_name(reason) || strcmp(reason_name(reason), name)))
		reason++;
	return reason;
}

static uint8_t verdict_of(const char *name)
{
	int verdict = 0;

	while (verdict < S64_VERDICT_COUNT - 1 && strcmp(verdict_name(verdict), name))
		verdict++;
	return verdict;
}

/* What the comment is made of. */
static struct s64_capture_record record_of(const json_t *packet)
{
	struct s64_capture_record record = {
		.class = class_of(member_text(packet, "class")),
		.reason = reason_of(member_text(packet, "reason")),
		.verdict = verdict_of(member_text(packet, "verdict")),
	};
	const char *address = json_string_value(json_object_get(packet, "source_address"));
	struct prefix source;

	if (address && !prefix_parse_whole(address, &source, NULL)) {
		record.src_hi = prefix_hi(&source);
		record.src_lo = prefix_lo(&source);
	}
	return record;
}

/* Its number in the file, which is told of it first. */
static int interface_of(struct writing *writing, const json_t *packet)
{
	const char *told = json_string_value(json_object_get(packet, "interface"));
	const char *name = told ? told : UNKNOWN;

	for (int i = 0; i < writing->interfaces; i++)
		if (!strcmp(writing->interface[i], name))
			return i;
	if (writing->interfaces == INTERFACES_MAX)
		return -ENOSPC;
	writing->interface[writing->interfaces] = strdup(name);
	if (!writing->interface[writing->interfaces])
		return -ENOMEM;
	pcapng_interface(writing->output.file, name, writing->snaplen, writing->filter);
	return writing->interfaces++;
}

static int write_packet(struct writing *writing, const json_t *packet, struct error *error)
{
	uint8_t *data = malloc(BYTES_MAX);
	int bytes = data ? from_hex(member_text(packet, "data"), data) : -1;
	struct s64_capture_record record = record_of(packet);
	int interface = interface_of(writing, packet);
	char comment[COMMENT_MAX];

	if (bytes < 0 || interface < 0 || bytes > member_integer(packet, "length") ||
	    bytes > (int64_t)writing->snaplen) {
		free(data);
		return error_set(error, -EPROTO, "slash64d told a packet that makes no sense");
	}
	pcapng_packet(writing->output.file,
		      &(struct pcapng_packet){.interface = interface,
					      .time_ns = member_time_us(packet, "time") * NS_PER_US,
					      .data = data,
					      .captured = bytes,
					      .length = member_integer(packet, "length"),
					      .comment = comments_write(&writing->comments, &record,
									comment)});
	free(data);
	writing->written++;
	return 0;
}

static int write_file(struct writing *writing, const json_t *answer, struct error *error)
{
	char system[256] = "Linux";
	struct utsname kernel;
	const json_t *packet;
	size_t i;
	int err = comments_init(&writing->comments, json_object_get(answer, "rules"), error);

	if (!uname(&kernel))
		snprintf(system, sizeof(system), "%s %s", kernel.sysname, kernel.release);
	writing->snaplen = member_integer(answer, "snaplen");
	snprintf(writing->filter, sizeof(writing->filter), "proposal %" PRId64,
		 member_integer(answer, "id"));
	if (err)
		return err;
	pcapng_begin(writing->output.file, "slash64 " SLASH64_VERSION, system);
	json_array_foreach (json_object_get(answer, "packets"), i, packet) {
		err = write_packet(writing, packet, error);
		if (err)
			return err;
	}
	return 0;
}

static json_t *ask(const struct context *context, int64_t id, struct error *error)
{
	json_t *body = json_pack("{s:I}", "id", (json_int_t)id);
	json_t *answer = client_object(context->socket, "POST", "/v1/proposals/packets", body,
				       "packets", error);

	json_decref(body);
	return answer;
}

static void free_interfaces(struct writing *writing)
{
	for (int i = 0; i < writing->interfaces; i++)
		free(writing->interface[i]);
}

int proposal_packets_read(const struct context *context, int64_t id, char **bytes, size_t *count,
			  json_t **packets, struct error *error)
{
	json_t *answer = ask(context, id, error);
	struct writing writing = {};
	char *file = NULL;
	int err;

	if (!answer)
		return -EREMOTEIO;
	writing.output.file = open_memstream(&file, count);
	err = writing.output.file ? write_file(&writing, answer, error) :
				    error_set(error, -ENOMEM, "out of memory; try again");
	if (writing.output.file && fclose(writing.output.file) && !err)
		err = error_set(error, -ENOMEM, "out of memory; try again");
	free_interfaces(&writing);
	if (!err) {
		*bytes = file;
		*packets = json_incref(json_object_get(answer, "packets"));
	} else {
		free(file);
	}
	json_decref(answer);
	return err;
}

int proposal_packets_write(const struct context *context, int64_t id, const char *path)
{
	json_t *answer;
	struct writing writing = {};
	struct interrupt interrupt;
	struct error error, ignored;
	int err, failed;

	if (!strcmp(path, "-") && isatty(STDOUT_FILENO))
		return usage_error(context, "packets are not for a terminal; write them to a file");
	signal(SIGPIPE, SIG_IGN);
	answer = ask(context, id, &error);
	err = answer ? interrupt_open(&interrupt, &error) : -EREMOTEIO;
	if (!err) {
		err = output_open(&writing.output, path, &interrupt, &error);
		if (!err)
			err = write_file(&writing, answer, &error);
		if (!err)
			output_flush(&writing.output);
		failed = output_close(&writing.output, err ? &ignored : &error);
		err = err ? err : failed;
		interrupt_close(&interrupt);
	}
	free_interfaces(&writing);
	json_decref(answer);
	if (err)
		return refused(&error);
	fprintf(stderr,
		P_("wrote %" PRIu64 " packet of proposal %" PRId64 "\n",
		   "wrote %" PRIu64 " packets of proposal %" PRId64 "\n", writing.written),
		writing.written, id);
	return EXIT_DONE;
}
