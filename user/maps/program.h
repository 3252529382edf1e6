/* SPDX-License-Identifier: GPL-2.0-only */
/* The program in the kernel: opened, given its tables, loaded; and what the kernel says where it does not take it. */
#ifndef SLASH64_USER_PROGRAM_H
#define SLASH64_USER_PROGRAM_H

#include "base/error.h"
#include "maps.h"

struct bpf_object;
struct slash64_bpf;

/* Opened and bound to these maps for an interface slot, not loaded yet. NULL where that fails. */
struct slash64_bpf *program_open(const struct tables *tables, uint32_t slot, enum s64_clock clock,
				 struct error *error);

/* The same of an object that was opened otherwise; *config: what it is loaded with, in its memory. */
int program_bind(struct bpf_object *object, struct s64_config *config, const struct tables *tables,
		 uint32_t slot, enum s64_clock clock, struct error *error);

/* Into the kernel. What a skeleton has mapped into memory to be written to while it runs is not mapped anew. */
int program_load(struct bpf_object *object, struct error *error);

/* Why the kernel did not take a program, for the call that failed with `err` ("the verifier of Linux 6.1.0 refuses
 * ..."). What libbpf said has to have been kept (complaint.h).
 */
int program_refused(int err, struct error *error);

#endif
