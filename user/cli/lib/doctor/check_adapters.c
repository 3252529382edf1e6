// SPDX-License-Identifier: GPL-2.0-only
#include "check_adapters.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>

#include "sysfile.h"
#include "base/text/language.h"

#define NAMES_MAX 128

/* A timer runs the one that fetches; between two runs it is not there. */
static const struct {
	const char *name;
	bool by_timer;
} adapters[] = {
	{"crowdsec", false}, {"fetch", true}, {"follow", false}, {"notify", false}, {"rtbh", false},
};

static bool is_enabled(const struct doctor *doctor, size_t i)
{
	char path[PATH_MAX];
	glob_t found;
	bool any;

	sysfile_path(doctor->root, path, "/etc/systemd/system/*.wants/slash64-%s.%s",
		     adapters[i].name, adapters[i].by_timer ? "timer" : "service");
	any = !glob(path, GLOB_NOSORT, NULL, &found);
	globfree(&found);
	return any;
}

/* systemd makes a control group for each unit that runs. */
static bool runs(const struct doctor *doctor, size_t i)
{
	char path[PATH_MAX];

	return sysfile_exists(sysfile_path(doctor->root, path,
					   "/sys/fs/cgroup/system.slice/slash64-%s.service",
					   adapters[i].name));
}

static bool is_configured(const struct doctor *doctor, size_t i)
{
	char path[PATH_MAX];

	return sysfile_exists(
		sysfile_path(doctor->root, path, "/etc/slash64/%s.yaml", adapters[i].name));
}

bool check_adapters(const struct doctor *doctor, const struct doctor_iface *iface,
		    struct finding *finding)
{
	char names[NAMES_MAX] = "";
	size_t n = 0, count = sizeof(adapters) / sizeof(adapters[0]);

	for (size_t i = 0; i < count; i++) {
		bool enabled = is_enabled(doctor, i);

		if (enabled && !adapters[i].by_timer && !runs(doctor, i))
			return finding_set(finding, FINDING_PROBLEM,
					   _("slash64-%s is enabled and does not run\n"
					     "journalctl -u slash64-%s"),
					   adapters[i].name, adapters[i].name);
		if (!enabled && is_configured(doctor, i) && !runs(doctor, i))
			return finding_set(finding, FINDING_WARNING,
					   _("slash64-%s has a configuration, and is not enabled\n"
					     "systemctl enable --now slash64-%s.%s"),
					   adapters[i].name, adapters[i].name,
					   adapters[i].by_timer ? "timer" : "service");
		if (enabled || runs(doctor, i))
			n += snprintf(names + n, sizeof(names) - n, "%s%s", n ? ", " : "",
				      adapters[i].name);
	}
	if (!n)
		return false;
	return finding_set(finding, FINDING_OK, _("%s"), names);
}
