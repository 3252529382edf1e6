// SPDX-License-Identifier: GPL-2.0-only
/* status if slash64d does not run: its programs and maps filter without it, and are read from their
 * pins.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/permission.h"
#include "status_output.h"
#include "config/config.h"
#include "maps/maps.h"
#include "base/text/language.h"
#include "said.h"

/* --- the kernel's state --- */

/* A link holds the program behind libxdp's dispatcher, if the interface does not show it. */
static bool has_link(uint32_t program_id)
{
	__u32 id = 0;

	while (!bpf_link_get_next_id(id, &id)) {
		struct bpf_link_info info = {};
		__u32 bytes = sizeof(info);
		int fd = bpf_link_get_fd_by_id(id);
		bool same;

		if (fd < 0)
			continue;
		same = !bpf_obj_get_info_by_fd(fd, &info, &bytes) && info.prog_id == program_id;
		close(fd);
		if (same)
			return true;
	}
	return false;
}

static const char *state_of(const struct s64_iface_slot *slot)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);
	char name[IF_NAMESIZE];

	if (!slot->program_id || !slot->ifindex || !if_indextoname(slot->ifindex, name))
		return "missing";
	if (bpf_xdp_query(slot->ifindex, 0, &opts))
		return "unknown";
	if (opts.drv_prog_id == slot->program_id || opts.skb_prog_id == slot->program_id)
		return "attached";
	return (opts.drv_prog_id || opts.skb_prog_id) && has_link(slot->program_id) ? "attached" :
										      "missing";
}

static uint64_t count_blocks(const struct maps *maps)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < maps->meta->blocks_buckets; i++)
		for (int j = 0; j < S64_BUCKET_KEYS; j++)
			count += maps->blocks[i].key[j] != 0;
	return count;
}

static json_t *ifaces_of(const struct maps *maps, unsigned int *filtered, unsigned int *enforcing)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < maps->meta->iface_slots; i++) {
		const struct s64_iface_slot *slot = &maps->meta->iface[i];
		bool monitor = maps->policy[i].flags & S64_IFACE_MONITOR;
		const char *state;

		if (!slot->name[0])
			continue;
		state = state_of(slot);
		if (!strcmp(state, "attached")) {
			++*filtered;
			*enforcing += !monitor;
		}
		json_array_append_new(array,
				      json_pack("{s:s%, s:s, s:s, s:s, s:i}", "name", slot->name,
						strnlen(slot->name, sizeof(slot->name)), "state",
						state, "filter", monitor ? "monitor" : "enforce",
						"mode", config_mode_name(slot->mode), "program_id",
						(int)slot->program_id));
	}
	return array;
}

/* --- the result --- */

static json_t *found(const struct maps *maps, const char *pins)
{
	unsigned int filtered = 0, enforcing = 0;
	json_t *ifaces = ifaces_of(maps, &filtered, &enforcing);
	char text[ERROR_TEXT_MAX];

	if (!filtered)
		snprintf(text, sizeof(text),
			 _("slash64d is not running, and nothing is filtered in "
			   "this network namespace: no interface of it has its "
			   "program"));
	else
		snprintf(
			text, sizeof(text),
			P_("slash64d is not running, but filtering goes on, on %u of %zu interface%s",
			   "slash64d is not running, but filtering goes on, on %u of %zu interfaces%s",
			   json_array_size(ifaces)),
			filtered, json_array_size(ifaces),
			enforcing ? "" : _(", which only monitor"));
	return json_pack("{s:b, s:b, s:s, s:s, s:o, s:I}", "running", 0, "filtering", filtered > 0,
			 "text", text, "pins", pins, "interfaces", ifaces, "sources",
			 (json_int_t)count_blocks(maps));
}

static json_t *not_found(const char *pins, bool is_known, const char *text)
{
	return json_pack("{s:b, s:o, s:s, s:s, s:[], s:n}", "running", 0, "filtering",
			 is_known ? json_false() : json_null(), "text", text, "pins", pins,
			 "interfaces", "sources");
}

json_t *status_kernel_look(const char *pins)
{
	char path[PATH_MAX], hint[PERMISSION_HINT_MAX], text[ERROR_TEXT_MAX * 3],
		translated[SAID_MAX];
	struct maps maps;
	struct error error;
	json_t *answer;
	int err;

	snprintf(path, sizeof(path), "%s/maps", pins);
	libbpf_set_print(NULL);
	if (access(path, X_OK) && errno != ENOENT) {
		err = -errno;
		snprintf(text, sizeof(text),
			 _("slash64d is not running; cannot read in %s whether "
			   "filtering goes on: %s%s"),
			 pins, strerror(-err), permission_hint(PERMISSION_FILE, err, hint));
		return not_found(pins, false, text);
	}
	err = maps_adopt(&maps, path, &error);
	if (err == -ENOENT) {
		snprintf(text, sizeof(text),
			 _("slash64d is not running, and none of its maps are "
			   "in %s, so nothing is filtered, unless maps.pins is "
			   "another directory: give it with --pins"),
			 pins);
		return not_found(pins, true, text);
	}
	if (err) {
		snprintf(text, sizeof(text),
			 _("slash64d is not running; cannot read whether filtering goes on: %s"),
			 said(error.text, translated));
		return not_found(pins, false, text);
	}
	answer = found(&maps, pins);
	maps_close(&maps);
	return answer;
}
