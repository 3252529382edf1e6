// SPDX-License-Identifier: GPL-2.0-only
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text/when.h"
#include "client/client.h"
#include "cli/lib/output/print.h"
#include "redact.h"
#include "sysfile.h"

#define LOG_LINES     "200"
#define JOURNAL	      "journalctl -u slash64d -n 300 --no-pager -o short-iso 2>&1"
#define CONFIG_MAX    (1 << 20)
#define LINE_MAX_SHOW 4096

static void begin(FILE *out, const char *title)
{
	fprintf(out, "\n==== %s\n", title);
}

/* --- parts --- */

static void put_machine(const struct doctor *doctor, FILE *out)
{
	char path[PATH_MAX], line[256];

	begin(out, "machine");
	fprintf(out, "Linux %s, %u CPUs, user %u%s\n", doctor->kernel, doctor->cpus,
		doctor->rights.user, doctor->rights.in_user_namespace ? ", user namespace" : "");
	if (!sysfile_line(sysfile_path(doctor->root, path, "/etc/os-release"), line, sizeof(line)))
		fprintf(out, "%s\n", line);
	if (!sysfile_line(sysfile_path(doctor->root, path, "/proc/meminfo"), line, sizeof(line)))
		fprintf(out, "%s\n", line);
}

static void put_links(const struct doctor *doctor, FILE *out)
{
	begin(out, "interfaces");
	for (size_t i = 0; i < doctor->link_count; i++) {
		const struct doctor_link *link = &doctor->link[i];

		fprintf(out,
			"%u %s kind %s type %u mtu %u flags %x carrier %d master %u lower %u%s rx %u "
			"tx %u native %u generic %u\n",
			link->index, link->name, *link->kind ? link->kind : "-", link->arp_type,
			link->mtu, link->flags, link->carrier, link->master, link->lower,
			link->lower_is_elsewhere ? " (elsewhere)" : "", link->rx_queues,
			link->tx_queues, link->native_id, link->generic_id);
	}
}

static void put_config(const char *path, FILE *out)
{
	FILE *file = fopen(path, "re");
	char *text = file ? malloc(CONFIG_MAX + 1) : NULL;
	size_t n;

	if (!file && errno == ENOENT)
		return;
	begin(out, path);
	if (text) {
		n = fread(text, 1, CONFIG_MAX, file);
		text[n] = '\0';
		redact_secrets(text, out);
	} else {
		fprintf(out, "cannot be read: %s\n", strerror(errno));
	}
	if (file)
		fclose(file);
	free(text);
}

static void put_configs(const struct doctor *doctor, FILE *out)
{
	static const char *const names[] = {"crowdsec", "fetch", "follow",
					    "notify",	"rtbh",	 "flowspec"};
	char path[PATH_MAX];

	put_config(doctor->config_file, out);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		put_config(sysfile_path(doctor->root, path, "/etc/slash64/%s.yaml", names[i]), out);
}

static int put_line(const char *line, void *data)
{
	fprintf(data, "%s\n", line);
	return 0;
}

/* A list of slash64d. */
static void put_list(const struct doctor *doctor, const char *path, const char *title, FILE *out)
{
	struct error error;
	char *copy = client_path(path);

	begin(out, title);
	if (!doctor->status)
		fprintf(out, "not available: see status\n");
	else if (client_request(doctor->socket, copy, put_line, out, &error))
		fprintf(out, "not available: %s\n", error.text);
	free(copy);
}

static void put_status(const struct doctor *doctor, FILE *out)
{
	begin(out, "status");
	if (doctor->status)
		json_dumpf(doctor->status, out, JSON_INDENT(1));
	else
		fprintf(out, "not available: %s", doctor->status_error.text);
	fputc('\n', out);
}

static void put_journal(FILE *out)
{
	char line[LINE_MAX_SHOW];
	FILE *journal = popen(JOURNAL, "re");

	begin(out, "journal of slash64d");
	while (journal && fgets(line, sizeof(line), journal))
		fputs(line, out);
	if (!journal || pclose(journal))
		fprintf(out, "not available: journalctl has failed\n");
}

static void put_all(const struct doctor *doctor, const char *findings,
		    const struct support *support, FILE *out)
{
	char now[PRINT_MAX];

	fprintf(out, "slash64 doctor --support of slash64 " SLASH64_VERSION ", %s\n",
		print_time(doctor->now_s, now));
	fprintf(out, "Secrets of the configuration are left out. Addresses are %s.\n",
		support->with_addresses ? "as they are" :
					  "replaced: <net3.2> is an address in the /64 <net3>");
	begin(out, "findings");
	fputs(findings, out);
	put_machine(doctor, out);
	put_links(doctor, out);
	put_configs(doctor, out);
	put_status(doctor, out);
	put_list(doctor, "/v1/log?reverse=1&limit=" LOG_LINES, "log, the last " LOG_LINES, out);
	put_list(doctor, "/metrics", "counters", out);
	put_journal(out);
}

/* --- the file --- */

static int open_file(const char *name, FILE **out, struct error *error)
{
	int fd;

	if (!strcmp(name, "-")) {
		*out = stdout;
		return 0;
	}
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	*out = fd < 0 ? NULL : fdopen(fd, "w");
	if (*out)
		return 0;
	if (errno == EEXIST)
		return error_set(error, -EEXIST, "%s is there already; give another name", name);
	return error_set(error, -errno, "cannot write %s: %s", name, strerror(errno));
}

static int close_file(FILE *out, const char *name, struct error *error)
{
	bool failed = fflush(out) || ferror(out);
	int err = failed ? -errno : 0;

	if (out != stdout && fclose(out) && !failed)
		err = -errno;
	if (!err)
		return 0;
	if (out != stdout)
		unlink(name);
	return error_set(error, err, "cannot write %s: %s; nothing was written", name,
			 strerror(-err));
}

int support_write(const struct doctor *doctor, const char *findings, struct support *support,
		  struct error *error)
{
	struct redact *redact = redact_new();
	char *text = NULL;
	size_t bytes = 0;
	FILE *whole = redact ? open_memstream(&text, &bytes) : NULL, *out = NULL;
	int err = whole ? 0 : error_set(error, -ENOMEM, "out of memory");

	if (!err) {
		put_all(doctor, findings, support, whole);
		if (fclose(whole))
			err = error_set(error, -ENOMEM, "out of memory");
	}
	if (!err)
		err = open_file(support->file, &out, error);
	if (!err) {
		if (support->with_addresses)
			fputs(text, out);
		else
			redact_addresses(redact, text, out);
		support->bytes = ftello(out); /* of a pipe nobody asks */
		err = close_file(out, support->file, error);
	}
	free(text);
	redact_free(redact);
	return err;
}
