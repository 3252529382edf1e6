// SPDX-License-Identifier: GPL-2.0-only
/* Lines of ExaBGP: whatever they are, a rule that is executed names one source exactly. */
#include "fuzz.h"

#include "adapters/flowspec/decode.h"

static void on_event(const struct flow_event *event, void *data)
{
	const struct flow_rule *rule = &event->rule;
	struct prefix cut;

	if (event->kind != FLOW_ANNOUNCE || rule->refusal != FLOW_EXECUTED)
		return;
	cut = prefix_around(&rule->source.address, rule->source.length);
	promise(rule->source.length > 0, "a rule about everybody");
	promise(!prefix_compare(&cut, &rule->source), "bits behind the length");
	promise(rule->blocks != (rule->rate > 0), "blocks %d, rate %u", rule->blocks, rule->rate);
	promise(rule->key[0] == '{', "no key");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);

	memcpy(line, data, size);
	line[size] = '\0';
	flow_decode(line, on_event, NULL);
	free(line);
	return 0;
}
