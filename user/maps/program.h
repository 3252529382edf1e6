/* SPDX-License-Identifier: GPL-2.0-only */
/* The program in the kernel: opened, given its maps, loaded; and the kernel's reason if it refuses
 * the program.
 */
#ifndef SLASH64_MAPS_PROGRAM_H
#define SLASH64_MAPS_PROGRAM_H

#include "base/error.h"
#include "maps.h"

struct bpf_object;
struct slash64_bpf;

/* Opens the program and binds it to these maps for an interface slot, without loading it. NULL on
 * failure.
 */
struct slash64_bpf *program_open(const struct maps *maps, uint32_t slot, enum s64_clock clock,
				 struct error *error);

/* The same for an object that was opened elsewhere; *config: its configuration, in its memory. */
int program_bind(struct bpf_object *object, struct s64_config *config, const struct maps *maps,
		 uint32_t slot, enum s64_clock clock, struct error *error);

/* Loads it. Data of the skeleton that was mapped for writing at run time is not mapped again. */
int program_load(struct bpf_object *object, struct error *error);

/* Why the kernel refused a program, for the call that failed with `err` ("the verifier of Linux
 * 6.1.0 refuses ..."). libbpf's output must have been kept (complaint.h).
 */
int program_refused(int err, struct error *error);

#endif
