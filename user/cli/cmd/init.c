// SPDX-License-Identifier: GPL-2.0-only
/* init: a first configuration, from what this router knows and its operator answers. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/lib/ask.h"
#include "cli/lib/init/draft.h"
#include "cli/lib/init/found.h"
#include "cli/lib/init/questions.h"
#include "cli/lib/output/print.h"
#include "cli/lib/replace_file.h"
#include "kernel/config_verify.h"
#include "base/text/language.h"
#include "cli/lib/output/said.h"

#define MODE_NEW 0644 /* as the package has it: nothing in it is secret */

struct init {
	const struct context *context;
	bool yes, force;
	const char *output, *interface;
	bool to_stdout, is_other; /* `is_other`: there is a file that is not just the example */
	char backup[PATH_MAX];	  /* "" for none */
	struct found found;
	struct config config; /* what was written, as it was read again */
	json_t *warnings;
	struct error error;
};

static bool asks(const struct init *init)
{
	return !init->yes;
}

/* --- may it be written? --- */

/* The example of the package, as it is: replacing it loses nothing. */
static bool is_example(const char *path)
{
	size_t bytes = strlen(draft_example);
	char *text = malloc(bytes + 1);
	FILE *file = text ? fopen(path, "re") : NULL;
	bool same = file && fread(text, 1, bytes + 1, file) == bytes &&
		    !memcmp(text, draft_example, bytes);

	if (file)
		fclose(file);
	free(text);
	return same;
}

/* Before anything is asked. The folder of the package may be missing; another one is not made. */
static int check_folder(struct init *init)
{
	char copy[PATH_MAX], *folder;

	snprintf(copy, sizeof(copy), "%s", init->output);
	folder = dirname(copy);
	if (!strcmp(init->output, CONFIG_FILE_DEFAULT))
		mkdir(folder, 0755);
	if (!access(folder, W_OK))
		return 0;
	return error_set(&init->error, -errno, "cannot write %s: %s; %s", init->output,
			 strerror(errno),
			 errno == EACCES ? "use root, or --output - to look at it" :
					   "nothing was written");
}

static int check_existing(struct init *init)
{
	char question[PATH_MAX + 64];
	int err = check_folder(init);

	if (err || access(init->output, F_OK))
		return err;
	init->is_other = !is_example(init->output);
	if (!init->is_other || init->force)
		return 0;
	snprintf(question, sizeof(question), _("%s exists; replace it, and keep the old one?"),
		 init->output);
	if (!asks(init))
		return error_set(&init->error, -EEXIST,
				 "%s exists; --force replaces it, and keeps the old one",
				 init->output);
	return ask(question) ? 0 : error_set(&init->error, -ECANCELED, "nothing is changed");
}

/* --- what goes into it --- */

static int refuse_without_route(struct init *init)
{
	char names[256] = "";

	for (size_t i = 0; i < init->found.links; i++) {
		size_t n = strlen(names);

		snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "",
			 init->found.link[i].name);
	}
	return error_set(
		&init->error, -ENODEV,
		"no default route tells which interface faces outside; name it with --interface: %s",
		names[0] ? names : "there is none but loopback");
}

static int find(struct init *init)
{
	struct found *found = &init->found;
	bool any = false;
	int err = found_links(found, &init->error);

	if (!err && init->interface)
		err = questions_choose(found, init->interface, &init->error);
	else if (!err && asks(init))
		err = questions_interfaces(found, &init->error);
	for (size_t i = 0; i < found->links && !err; i++)
		any |= found->link[i].is_outside;
	if (!err && !any)
		err = refuse_without_route(init);
	if (!err)
		err = found_lists(found, &init->error);
	if (!err && asks(init))
		err = questions_lists(found, &init->error);
	return err;
}

static void take_warning(unsigned int line, const char *text, void *data)
{
	struct init *init = data;
	char all[ERROR_TEXT_MAX], translated[SAID_MAX];

	snprintf(all, sizeof(all), "%s:%u: %s", init->output, line, text);
	json_array_append_new(init->warnings, json_string(all));
	fprintf(stderr, "slash64: %s:%u: %s\n", init->output, line, said(text, translated));
}

static void take_refusal(size_t index, const struct error *why, void *data)
{
	(void)index;
	((struct init *)data)->error = *why;
}

/* As slash64d --check does; what it would refuse is not written. */
static int check(struct init *init, const char *text)
{
	int err = config_load_text(&init->config, init->output, text, strlen(text), &init->error);

	if (err)
		return err;
	init->error.text[0] = '\0';
	err = config_verify(&init->config, take_refusal, take_warning, init);
	if (err)
		return error_set(&init->error, err, "out of memory; try again");
	return init->error.text[0] ? -EPERM : 0;
}

/* --- writing --- */

/* The old file, under another name: the new one takes its place in one step. */
static int keep_old(struct init *init, const char *target)
{
	char when[32];
	time_t now = time(NULL);

	strftime(when, sizeof(when), "%Y%m%dT%H%M%S", localtime(&now));
	snprintf(init->backup, sizeof(init->backup), "%.4000s.before-%s", target, when);
	if (!link(target, init->backup))
		return 0;
	return error_set(&init->error, -errno,
			 "cannot keep the old file as %s: %s; nothing is changed", init->backup,
			 strerror(errno));
}

static int write_file(struct init *init, const char *text)
{
	struct replace_file replace;
	struct stat old;
	int fd, err = replace_file_open(&replace, init->output, "--output - prints it",
					&init->error);

	if (err)
		return err;
	fd = fileno(replace.file);
	if (replace.is_new || stat(replace.target, &old))
		old = (struct stat){.st_mode = MODE_NEW, .st_uid = geteuid(), .st_gid = getegid()};
	if (fchmod(fd, old.st_mode & 0777) || fchown(fd, old.st_uid, old.st_gid) ||
	    fputs(text, replace.file) < 0)
		err = replace_file_failed(&replace, &init->error);
	if (!err && init->is_other && !replace.is_new)
		err = keep_old(init, replace.target);
	return replace_file_end(&replace, err, &init->error);
}

static int write_out(struct init *init)
{
	char today[32];
	time_t now = time(NULL);
	char *text;
	int err;

	strftime(today, sizeof(today), "%Y-%m-%d", localtime(&now));
	text = draft_text(&init->found, today);
	if (!text)
		return error_set(&init->error, -ENOMEM, "out of memory; try again");
	err = check(init, text);
	if (!err && init->to_stdout)
		fputs(text, stdout);
	else if (!err)
		err = write_file(init, text);
	free(text);
	return err;
}

/* --- what was done, and what comes next --- */

static json_t *names_json(const struct config *config)
{
	json_t *names = json_array();

	for (size_t i = 0; i < config->iface_count; i++)
		json_array_append_new(names, json_string(config->iface[i].name));
	return names;
}

static json_t *prefixes_json(const struct config_prefixes *list)
{
	json_t *prefixes = json_array();
	char text[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(prefixes,
				      json_string(
					      prefix_format_said(&list->entry[i].prefix, text)));
	return prefixes;
}

static void print_done_json(const struct init *init)
{
	const struct config *config = &init->config;
	json_t *object = json_pack("{s:s, s:s?, s:o, s:o, s:o, s:o, s:O}", "output", init->output,
				   "backup", init->backup[0] ? init->backup : NULL, "interfaces",
				   names_json(config), "own", prefixes_json(&config->own), "peers",
				   prefixes_json(&config->peers), "allow",
				   prefixes_json(&config->allow), "warnings", init->warnings);

	print_json(object);
	json_decref(object);
}

static bool is_running(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool running;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	running = fd >= 0 && !connect(fd, (const void *)&address, sizeof(address));
	if (fd >= 0)
		close(fd);
	return running;
}

static void print_next(const struct init *init)
{
	bool is_default = !strcmp(init->output, CONFIG_FILE_DEFAULT);

	printf(_("\nNext:\n"));
	if (!is_default) {
		printf(_("  slash64d --config %s --check\n"), init->output);
		return;
	}
	if (command_find("doctor"))
		printf(_(
			"  slash64 doctor                    what this machine and its NIC can do\n"));
	if (is_running(init->context->socket))
		printf(_("  slash64 diff                      what a reload would change\n"
			 "  slash64 reload --for 5m           put it into force, for now\n"
			 "  slash64 confirm                   and keep it\n"));
	else
		printf(_("  systemctl enable --now slash64d   start it, now and at every boot\n"
			 "  slash64 status                    what it sees, and would drop\n"));
	printf(_("Nothing is dropped before 'filter: monitor' is changed to 'filter: enforce'.\n"));
}

static void print_count_of(size_t count, const char *form)
{
	if (count)
		printf(form, count);
}

static void print_done(const struct init *init)
{
	const struct config *config = &init->config;

	printf(_("wrote %s:"), init->output);
	for (size_t i = 0; i < config->iface_count; i++)
		printf("%s %s", i ? "," : "", config->iface[i].name);
	printf(_(" in monitor mode"));
	print_count_of(config->own.count,
		       P_(", %zu own network", ", %zu own networks", config->own.count));
	print_count_of(config->peers.count, P_(", %zu peer", ", %zu peers", config->peers.count));
	print_count_of(config->allow.count,
		       P_(", %zu allowed prefix", ", %zu allowed prefixes", config->allow.count));
	putchar('\n');
	if (init->backup[0])
		printf(_("the old one is %s\n"), init->backup);
	print_next(init);
}

static int run(struct init *init)
{
	int err = init->to_stdout ? 0 : check_existing(init);

	if (!err)
		err = find(init);
	if (!err)
		err = write_out(init);
	if (err)
		return refused(&init->error);
	if (init->to_stdout)
		return EXIT_DONE;
	if (init->context->json)
		print_done_json(init);
	else
		print_done(init);
	return EXIT_DONE;
}

int command_init(struct context *context)
{
	struct init init = {.context = context, .output = CONFIG_FILE_DEFAULT};
	const struct option_spec specs[] = {
		{"yes", NULL, &init.yes},
		{"force", NULL, &init.force},
		{"output", &init.output, NULL},
		{"interface", &init.interface, NULL},
		{NULL, NULL, NULL},
	};
	int code = take_options(context, specs, 0, 0);

	if (code >= 0)
		return code;
	init.to_stdout = !strcmp(init.output, "-");
	if (init.to_stdout && context->json)
		return usage_error(context, "--json and --output - both print; use one of them");
	if (asks(&init) && !ask_is_possible()) {
		error_set(
			&init.error, 0,
			"init asks questions, and standard input is not a terminal; --yes takes what it finds");
		return refused(&init.error);
	}
	config_init(&init.config);
	init.warnings = json_array();
	code = run(&init);
	json_decref(init.warnings);
	config_free(&init.config);
	found_free(&init.found);
	return code;
}
