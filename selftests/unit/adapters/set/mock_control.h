/* SPDX-License-Identifier: GPL-2.0-only */
/* As much of slash64d's control socket as a set needs, with faults: rows of one origin, and imports
 * that change them.
 */
#ifndef SLASH64_SELFTESTS_MOCK_CONTROL_H
#define SLASH64_SELFTESTS_MOCK_CONTROL_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOCK_BODY_MAX (1 << 20)

struct mock {
	char directory[64], path[96];
	int fd;
	pthread_t thread;
	pthread_mutex_t mutex;
	json_t *rows; /* by key: objects as in the list of blocks */
	char text[MOCK_BODY_MAX];
	const char *refuses;  /* a part of the prefixes that it refuses; NULL: none */
	bool fails, hangs_up; /* at the next commit: 409; without an answer, having done it */
	bool is_open;
	int commits, aborted, reads, lines;
};

static struct mock mock;

static void mock_reply(int fd, int status, const char *type, const char *body)
{
	dprintf(fd, "HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", status,
		type, strlen(body), body);
}

static void mock_list(int fd)
{
	char *out = calloc(1, MOCK_BODY_MAX);
	const char *key;
	json_t *row;
	size_t n = 0;

	mock.reads++;
	json_object_foreach (mock.rows, key, row) {
		char *line = json_dumps(row, JSON_COMPACT);

		n += sprintf(out + n, "%s\n", line);
		free(line);
	}
	mock_reply(fd, 200, "application/x-ndjson", out);
	free(out);
}

static void mock_take_line(const char *text, int *refused)
{
	json_t *line = json_loads(text, 0, NULL);
	const char *prefix = json_string_value(json_object_get(line, "prefix"));
	const char *kind = json_string_value(json_object_get(line, "kind"));

	mock.lines++;
	if (!prefix || !kind) {
		abort();
	} else if (!strcmp(kind, "unblock")) {
		json_object_del(mock.rows, prefix);
	} else if (mock.refuses && strstr(prefix, mock.refuses)) {
		(*refused)++;
	} else {
		if (!strchr(prefix, '/'))
			json_object_set_new(line, "address", json_string(prefix));
		json_object_set(mock.rows, prefix, line);
	}
	json_decref(line);
}

static void mock_commit(int fd)
{
	char body[256];
	int refused = 0;

	mock.commits++;
	if (!mock.is_open) {
		mock_reply(fd, 404, "application/json", "{\"error\":\"unknown import\"}");
		return;
	}
	mock.is_open = false;
	if (mock.fails) {
		mock.fails = false;
		mock_reply(fd, 409, "application/json",
			   "{\"error\":\"another process holds the store\",\"code\":\"busy\"}");
		return;
	}
	for (char *line = strtok(mock.text, "\n"); line; line = strtok(NULL, "\n"))
		mock_take_line(line, &refused);
	mock.text[0] = '\0';
	if (mock.hangs_up) {
		mock.hangs_up = false;
		shutdown(fd, SHUT_RDWR);
		return;
	}
	snprintf(
		body, sizeof(body),
		"{\"refused\":%d,\"refused_by\":{\"prefix\":0,\"guard\":%d,\"allowed\":0,\"room\":0}}",
		refused, refused);
	mock_reply(fd, 200, "application/json", body);
}

static void mock_answer(int fd, const char *line, const char *body)
{
	pthread_mutex_lock(&mock.mutex);
	if (!strncmp(line, "GET /v1/blocks?addresses=1&origin=test ", 39)) {
		mock_list(fd);
	} else if (!strncmp(line, "POST /v1/imports?format=slash64&origin=test ", 44)) {
		mock.text[0] = '\0';
		mock.is_open = true;
		mock_reply(fd, 200, "application/json", "{\"import\":\"17\"}");
	} else if (!strncmp(line, "POST /v1/imports/text?import=17 ", 32)) {
		strcat(mock.text, body);
		mock_reply(fd, 200, "application/json", "{\"lines\":1}");
	} else if (!strncmp(line, "POST /v1/imports/commit?import=17 ", 34)) {
		mock_commit(fd);
	} else if (!strncmp(line, "DELETE /v1/imports?import=17 ", 29)) {
		mock.aborted++;
		mock_reply(fd, 200, "application/json", "{}");
	} else {
		mock_reply(fd, 404, "application/json", "{\"error\":\"unknown request\"}");
	}
	pthread_mutex_unlock(&mock.mutex);
}

static void mock_serve(int fd)
{
	FILE *file = fdopen(fd, "r");
	char line[1024], header[1024], *body = malloc(MOCK_BODY_MAX);

	while (fgets(line, sizeof(line), file)) {
		size_t bytes = 0;

		while (fgets(header, sizeof(header), file) && header[0] != '\r')
			sscanf(header, "Content-Length: %zu", &bytes);
		if (bytes >= MOCK_BODY_MAX || fread(body, 1, bytes, file) != bytes)
			break;
		body[bytes] = '\0';
		mock_answer(fd, line, body);
	}
	free(body);
	fclose(file);
}

static void *mock_run(void *data)
{
	int fd;

	while ((fd = accept(mock.fd, NULL, NULL)) >= 0)
		mock_serve(fd);
	return NULL;
}

static int mock_start(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memset(&mock, 0, sizeof(mock));
	strcpy(mock.directory, "/tmp/slash64-mock-XXXXXX");
	pthread_mutex_init(&mock.mutex, NULL);
	mock.rows = json_object();
	if (!mkdtemp(mock.directory))
		return -1;
	snprintf(mock.path, sizeof(mock.path), "%s/control.sock", mock.directory);
	strcpy(address.sun_path, mock.path);
	mock.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(mock.fd, (struct sockaddr *)&address, sizeof(address)) || listen(mock.fd, 8))
		return -1;
	return pthread_create(&mock.thread, NULL, mock_run, NULL);
}

/* After its client has closed its connection. */
static void mock_stop(void)
{
	shutdown(mock.fd, SHUT_RDWR);
	pthread_join(mock.thread, NULL);
	close(mock.fd);
	unlink(mock.path);
	rmdir(mock.directory);
	json_decref(mock.rows);
}

#endif
