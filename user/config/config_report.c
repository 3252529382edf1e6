// SPDX-License-Identifier: GPL-2.0-only
/* report, registry: who sends reports of abuse, and who holds which prefix. Only slash64 uses them. */
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "config_internal.h"

static int parse_organization(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_report *report = &((struct config *)data)->report;

	return yaml_text(source, node, "organization", report->organization,
			 sizeof(report->organization));
}

static int parse_contact(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_report *report = &((struct config *)data)->report;
	int err = yaml_text(source, node, "contact", report->contact, sizeof(report->contact));
	const char *at = err ? NULL : strchr(report->contact, '@');

	if (!err && (!at || at == report->contact || !at[1] || strchr(at + 1, '@') ||
		     strpbrk(report->contact, " <>,;")))
		return yaml_error(source, node,
				  "contact: '%s' is not a mail address like abuse@example.net",
				  report->contact);
	return err;
}

static int parse_domain(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	struct config_report *report = &((struct config *)data)->report;
	int err = yaml_text(source, node, "domain", report->domain, sizeof(report->domain));

	if (!err && (!strchr(report->domain, '.') ||
		     strspn(report->domain, allowed) != strlen(report->domain)))
		return yaml_error(source, node, "domain: '%s' is not a domain like example.net",
				  report->domain);
	return err;
}

static int parse_templates(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config_report *report = &((struct config *)data)->report;

	return config_path(source, node, "templates", report->templates, sizeof(report->templates),
			   "/etc/slash64/report");
}

int config_parse_report(struct yaml_source *source, yaml_node_t *node, void *data)
{
	static const struct yaml_field fields[] = {
		{"organization", parse_organization},
		{"contact", parse_contact},
		{"domain", parse_domain},
		{"templates", parse_templates},
		{NULL, NULL},
	};

	return yaml_mapping(source, node, fields, "report", data);
}

static int parse_registry_file(struct yaml_source *source, yaml_node_t *node, void *data)
{
	struct config *config = data;
	char(*file)[sizeof(config->registry[0])];

	if (config->registry_count >= CONFIG_REGISTRIES_MAX)
		return yaml_error(source, node, "more than %d files in registry",
				  CONFIG_REGISTRIES_MAX);
	file = array_add(&config->registry, &config->registry_count, sizeof(*file));
	if (!file)
		return error_set(source->error, -ENOMEM, "%s: out of memory", source->name);
	return config_path(source, node, "registry", *file, sizeof(*file),
			   "/var/lib/slash64/delegated-ripencc-extended-latest");
}

/* A file, or a list of files. */
int config_parse_registry(struct yaml_source *source, yaml_node_t *node, void *data)
{
	return yaml_is_scalar(node) ?
		       parse_registry_file(source, node, data) :
		       yaml_sequence(source, node, "registry", parse_registry_file, data);
}
