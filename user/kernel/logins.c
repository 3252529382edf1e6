// SPDX-License-Identifier: GPL-2.0-only
#include "logins.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-login.h>
#include <unistd.h>
#include <utmp.h>

#define RECORDS_MAX 4096 /* of a file that others write */

/* A numeric address, not a name that a name server may have supplied. */
static int add_text(struct address_set *set, const char *text)
{
	char copy[INET6_ADDRSTRLEN + 1];
	struct in6_addr address;
	struct in_addr v4;
	size_t n = strcspn(text, "%"); /* of a link */

	if (n >= sizeof(copy))
		return 0;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (inet_pton(AF_INET, copy, &v4) == 1)
		address = prefix_of_v4(ntohl(v4.s_addr), 32).address;
	else if (inet_pton(AF_INET6, copy, &address) != 1)
		return 0;
	return address_set_add(set, &address, 0, ADDRESS_SSH);
}

/* --- logind --- */

static int add_session(struct address_set *set, const char *session)
{
	char *state = NULL, *host = NULL;
	int err = 0;

	/* "closing": the user has left, and some process is still running */
	if (sd_session_is_remote(session) > 0 && sd_session_get_state(session, &state) >= 0 &&
	    strcmp(state, "closing") && sd_session_get_remote_host(session, &host) >= 0)
		err = add_text(set, host);
	free(state);
	free(host);
	return err;
}

static int gather_logind(struct address_set *set)
{
	char **sessions = NULL;
	int count = sd_get_sessions(&sessions), err = 0;

	for (int i = 0; i < count; i++) {
		err = err ? err : add_session(set, sessions[i]);
		free(sessions[i]);
	}
	free(sessions);
	return err;
}

/* --- utmp, read directly: the C library would wait for a lock --- */

static int add_record(struct address_set *set, const struct utmp *record)
{
	struct in6_addr address;
	const int32_t *words = record->ut_addr_v6;

	if (record->ut_type != USER_PROCESS || (kill(record->ut_pid, 0) && errno == ESRCH))
		return 0;
	if (!words[0] && !words[1] && !words[2] && !words[3])
		return 0; /* local */
	memcpy(&address, words, sizeof(address));
	if (!words[1] && !words[2] && !words[3])
		address = prefix_of_v4(ntohl(words[0]), 32).address;
	return address_set_add(set, &address, 0, ADDRESS_SSH);
}

static int gather_utmp(const char *path, struct address_set *set)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	struct utmp record;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	for (int i = 0;
	     i < RECORDS_MAX && !err && read(fd, &record, sizeof(record)) == sizeof(record); i++)
		err = add_record(set, &record);
	close(fd);
	return err;
}

int logins_gather(const char *utmp, struct address_set *set)
{
	struct address_set fresh = {.rules = set->rules};
	int err = gather_logind(&fresh);

	if (!err)
		err = gather_utmp(utmp, &fresh);
	if (err) {
		address_set_free(&fresh);
		return err;
	}
	address_set_seal(&fresh);
	address_set_free(set);
	*set = fresh;
	return 0;
}
