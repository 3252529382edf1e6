// SPDX-License-Identifier: GPL-2.0-only
#include "check_daemon.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text/duration.h"
#include "cli/lib/output/print.h"
#include "client/read_socket.h"
#include "kernel/config_verify.h"
#include "base/text/language.h"

/* Before its first start, that it does not run is as it should be. */
bool check_slash64d(const struct doctor *doctor, const struct doctor_iface *iface,
		    struct finding *finding)
{
	char uptime[DURATION_TEXT_MAX];
	const char *version;

	if (!doctor->status && doctor->socket_there && doctor->status_err != -EACCES)
		return finding_set(finding, FINDING_PROBLEM, "%.400s\nsystemctl restart slash64d",
				   doctor->status_error.text);
	if (!doctor->status && doctor->socket_there)
		return finding_set(finding, FINDING_WARNING,
				   _("it does not answer this user: %.400s"),
				   doctor->status_error.text);
	if (!doctor->status)
		return finding_set(finding, FINDING_WARNING,
				   _("it does not run: nothing is at %s\n"
				     "systemctl enable --now slash64d"),
				   doctor->socket);
	version = member_text(doctor->status, "version");
	if (strcmp(version, SLASH64_VERSION))
		return finding_set(finding, FINDING_WARNING,
				   _("version %s runs, this command is %s\n"
				     "slash64 upgrade-check, then systemctl restart slash64d"),
				   version, SLASH64_VERSION);
	return finding_set(finding, FINDING_OK, _("version %s has run for %s, process %" PRId64),
			   version,
			   duration_format(member_integer(doctor->status, "uptime_seconds") * 1000,
					   uptime),
			   member_integer(doctor->status, "pid"));
}

/* --- groups --- */

static bool is_member(const struct group *group)
{
	gid_t groups[256];
	int count = getgroups(256, groups);

	if (getegid() == group->gr_gid)
		return true;
	for (int i = 0; i < count; i++)
		if (groups[i] == group->gr_gid)
			return true;
	return false;
}

bool check_groups(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding)
{
	const char *change = doctor->config.socket_group, *look = doctor->config.read_group;
	const struct group *group;
	bool may_change;

	if (*change && !getgrnam(change))
		return finding_set(finding, FINDING_WARNING,
				   _("there is no group %s: only root can change anything\n"
				     "groupadd --system %s"),
				   change, change);
	if (*look && !getgrnam(look))
		return finding_set(finding, FINDING_WARNING,
				   _("there is no group %s: nobody else can look\n"
				     "groupadd --system %s"),
				   look, look);
	group = *change ? getgrnam(change) : NULL;
	may_change = !doctor->rights.user || (group && is_member(group));
	if (may_change)
		return finding_set(finding, FINDING_OK, _("this user may change things"));
	group = *look ? getgrnam(look) : NULL;
	if (group && is_member(group))
		return finding_set(finding, FINDING_OK, _("this user may look"));
	return finding_set(finding, FINDING_WARNING,
			   _("this user is in neither %s nor %s\nusermod -aG %s NAME, as root"),
			   change, look, change);
}

/* --- the configuration --- */

static void note_refusal(size_t index, const struct error *why, void *data)
{
	struct error *first = data;

	if (!first->text[0])
		*first = *why;
}

static void pass_warning(unsigned int line, const char *text, void *data)
{
}

/* What a reload would say of it, beyond that it can be read. */
static bool is_refused(const struct doctor *doctor, struct error *why)
{
	why->text[0] = '\0';
	config_verify(&doctor->config, note_refusal, pass_warning, why);
	return why->text[0];
}

bool check_configuration(const struct doctor *doctor, const struct doctor_iface *iface,
			 struct finding *finding)
{
	struct error why;

	if (!doctor->config_there)
		return finding_set(finding, FINDING_WARNING, _("there is no %s yet\nslash64 init"),
				   doctor->config_file);
	if (!doctor->config_good && access(doctor->config_file, R_OK))
		return finding_set(finding, FINDING_WARNING,
				   _("%s cannot be read by this user: %s"), doctor->config_file,
				   strerror(errno));
	if (!doctor->config_good)
		return finding_set(finding, FINDING_PROBLEM,
				   _("%.400s\nslash64d --check --config %s"),
				   doctor->config_error.text, doctor->config_file);
	if (is_refused(doctor, &why))
		return finding_set(finding, FINDING_PROBLEM,
				   _("%.400s\nslash64d --check --config %s"), why.text,
				   doctor->config_file);
	if (!doctor->config.iface_count)
		return finding_set(finding, FINDING_WARNING,
				   _("%s names no interface\ninterfaces: [{name: eth0, filter: "
				     "monitor}]"),
				   doctor->config_file);
	return finding_set(finding, FINDING_OK, _("%s is valid, with %zu interface%s"),
			   doctor->config_file, doctor->config.iface_count,
			   doctor->config.iface_count == 1 ? "" : "s");
}

bool check_health(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding)
{
	const json_t *health = json_object_get(doctor->status, "health");
	char local[PRINT_TEXT_MAX];
	const char *text;

	if (!health)
		return false;
	text = print_local(member_text(health, "summary"), local);
	if (json_is_true(json_object_get(health, "ok")))
		return finding_set(finding, FINDING_OK, _("%.400s"), text);
	return finding_set(finding, FINDING_PROBLEM, _("%.400s\nslash64 status has all of it"),
			   text);
}

/* --- feeds --- */

static bool running_feeds(const json_t *feeds, struct finding *finding)
{
	size_t failed = 0, i;
	const json_t *feed, *first = NULL;

	json_array_foreach (feeds, i, feed)
		if (!strcmp(member_text(feed, "state"), "failed")) {
			first = first ? first : feed;
			failed++;
		}
	if (failed)
		return finding_set(finding, FINDING_PROBLEM,
				   _("%zu of %zu failed, such as %s: %.300s\nslash64 status"),
				   failed, json_array_size(feeds), member_text(first, "origin"),
				   member_text(first, "error"));
	return finding_set(finding, FINDING_OK, _("%zu, none has failed"), json_array_size(feeds));
}

bool check_feeds(const struct doctor *doctor, const struct doctor_iface *iface,
		 struct finding *finding)
{
	const json_t *feeds = json_object_get(doctor->status, "feeds");

	if (json_array_size(feeds))
		return running_feeds(feeds, finding);
	if (!doctor->config.feed_count)
		return false;
	for (size_t i = 0; i < doctor->config.feed_count; i++)
		if (access(doctor->config.feed[i].file, R_OK))
			return finding_set(finding, FINDING_WARNING,
					   _("%.300s, of the origin %s, cannot be read: %s"),
					   doctor->config.feed[i].file,
					   doctor->config.feed[i].origin, strerror(errno));
	return finding_set(finding, FINDING_OK, _("%zu files, all can be read"),
			   doctor->config.feed_count);
}
