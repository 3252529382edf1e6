/* SPDX-License-Identifier: GPL-2.0-only */
/* What somebody needs who is to help: one text, which whoever sends it can read before. */
#ifndef SLASH64_CLI_LIB_DOCTOR_SUPPORT_H
#define SLASH64_CLI_LIB_DOCTOR_SUPPORT_H

#include "doctor.h"

struct support {
	const char *file; /* "-" is standard output */
	bool with_addresses;
	size_t bytes; /* of what was written */
};

/* `findings` is what doctor has printed. A file that is there already is not touched. */
int support_write(const struct doctor *doctor, const char *findings, struct support *support,
		  struct error *error);

#endif
