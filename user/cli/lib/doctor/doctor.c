// SPDX-License-Identifier: GPL-2.0-only
#include "doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "client/client.h"
#include "cli/lib/output/print.h"
#include "links.h"
#include "sysfile.h"

#define ANSWER_MAX_S 10L /* somebody waits for it */

bool doctor_kernel_is(const struct doctor *doctor, unsigned int major, unsigned int minor)
{
	unsigned int has_major = 0, has_minor = 0;

	sscanf(doctor->kernel, "%u.%u", &has_major, &has_minor);
	return has_major > major || (has_major == major && has_minor >= minor);
}

const struct doctor_link *doctor_link_by_index(const struct doctor *doctor, unsigned int index)
{
	for (size_t i = 0; index && i < doctor->link_count; i++)
		if (doctor->link[i].index == index)
			return &doctor->link[i];
	return NULL;
}

static void read_machine(struct doctor *doctor)
{
	struct timex timex = {};
	struct utsname kernel;
	struct timespec now;

	if (!uname(&kernel))
		snprintf(doctor->kernel, sizeof(doctor->kernel), "%s", kernel.release);
	permission_facts_read(&doctor->rights);
	doctor->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	clock_gettime(CLOCK_REALTIME, &now);
	doctor->now_s = now.tv_sec;
	doctor->clock_synchronized = adjtimex(&timex) >= 0 && !(timex.status & STA_UNSYNC);
}

static void ask_slash64d(struct doctor *doctor)
{
	struct client_call call = {.method = "GET",
				   .path = "/v1/status",
				   .seconds_max = ANSWER_MAX_S,
				   .err = &doctor->status_err};
	struct client *client;

	/* one that cannot be seen may be there */
	doctor->socket_there = sysfile_exists(doctor->socket) || errno == EACCES;
	doctor->status_err = client_open(&client, doctor->socket, &doctor->status_error);
	if (doctor->status_err)
		return;
	client_tell_waiting(client);
	doctor->status = client_ask(client, &call, "version", &doctor->status_error);
	client_close(client);
}

static void read_config(struct doctor *doctor)
{
	doctor->config_there = sysfile_exists(doctor->config_file);
	doctor->config_good =
		!config_load(&doctor->config, doctor->config_file, &doctor->config_error);
	if (!doctor->config_good)
		config_init(&doctor->config);
}

/* slash64d says which configuration it uses; without it, the configuration says where it is. */
int doctor_open(struct doctor *doctor, const char *socket, const char *config_file,
		struct error *error)
{
	bool is_default = !strcmp(socket, CONFIG_SOCKET_DEFAULT);

	*doctor = (struct doctor){.root = "", .socket = socket};
	read_machine(doctor);
	if (config_file) {
		doctor->config_file = config_file;
		read_config(doctor);
		if (is_default)
			doctor->socket = doctor->config.socket;
		ask_slash64d(doctor);
	} else {
		ask_slash64d(doctor);
		doctor->config_file = doctor->status ? member_text(doctor->status, "config") :
						       CONFIG_FILE_DEFAULT;
		read_config(doctor);
		if (!doctor->status && is_default &&
		    strcmp(doctor->config.socket, CONFIG_SOCKET_DEFAULT)) {
			doctor->socket = doctor->config.socket;
			ask_slash64d(doctor);
		}
	}
	return links_read(doctor, error);
}

void doctor_close(struct doctor *doctor)
{
	json_decref(doctor->status);
	config_free(&doctor->config);
	free(doctor->link);
}
