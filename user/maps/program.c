// SPDX-License-Identifier: GPL-2.0-only
#include "program.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/complaint.h"
#include "instrumented.skel.h"
#include "base/permission.h"
#include "slash64.skel.h"

/* Both objects are built from one source, so their skeletons have the same layout. */
_Static_assert(sizeof(struct slash64_bpf) == sizeof(struct instrumented_bpf) &&
		       offsetof(struct slash64_bpf, rodata) ==
			       offsetof(struct instrumented_bpf, rodata) &&
		       offsetof(struct slash64_bpf__rodata, config) ==
			       offsetof(struct instrumented_bpf__rodata, config),
	       "one may stand for the other");

static struct slash64_bpf *open_object(enum s64_clock clock)
{
	return clock == S64_CLOCK_KERNEL ? slash64_bpf__open() :
					   (struct slash64_bpf *)instrumented_bpf__open();
}

int program_bind(struct bpf_object *object, struct s64_config *config, const struct maps *maps,
		 uint32_t slot, enum s64_clock clock, struct error *error)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, object) {
		int err = maps_reuse(maps, map);

		if (err)
			return error_set(error, err, "cannot use the map %s: %s",
					 bpf_map__name(map), strerror(-err));
	}
	*config = s64_config_of(maps->meta, slot);
	config->clock = clock == S64_CLOCK_STEPS ? S64_CLOCK_KERNEL : clock;
	return 0;
}

struct slash64_bpf *program_open(const struct maps *maps, uint32_t slot, enum s64_clock clock,
				 struct error *error)
{
	struct slash64_bpf *skeleton = open_object(clock);

	if (!skeleton) {
		error_set(error, -errno, "cannot open the program: %s", strerror(errno));
		return NULL;
	}
	if (program_bind(skeleton->obj, (struct s64_config *)&skeleton->rodata->config, maps, slot,
			 clock, error)) {
		slash64_bpf__destroy(skeleton);
		return NULL;
	}
	return skeleton;
}

int program_refused(int err, struct error *error)
{
	char hint[PERMISSION_HINT_MAX];
	struct utsname kernel;

	if (*complaint_verifier()) {
		uname(&kernel);
		return error_set(
			error, err,
			"the verifier of Linux %s refuses the program; please report it: %s",
			kernel.release, complaint_verifier());
	}
	permission_hint(PERMISSION_BPF, err, hint);
	return error_set(error, err, "the kernel refuses the program: %s%s%s", strerror(-err),
			 *hint || !*complaint_last() ? hint : ": ", *hint ? "" : complaint_last());
}

int program_load(struct bpf_object *object, struct error *error)
{
	int err;

	complaint_forget();
	err = bpf_object__load(object);
	return err ? program_refused(err, error) : 0;
}
