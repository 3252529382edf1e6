/* SPDX-License-Identifier: GPL-2.0-only */
/* The pins of our programs, each under its id, so that one program's pin is never in the way of
 * another's.
 */
#ifndef SLASH64_DAEMON_ATTACH_XDP_XDP_PINS_H
#define SLASH64_DAEMON_ATTACH_XDP_XDP_PINS_H

#include <stdbool.h>
#include <stdint.h>

/* 0 for none. */
uint32_t program_id_of(int fd);

/* The directory of the pins, and the one above it, unless they are there. -errno */
int programs_make_directory(const char *programs);

/* Pins it, unless it is pinned. Creates the directory if somebody removed it. */
int program_pin(const char *programs, int fd);

/* Whatever the pin's name: earlier versions named pins by the slot of the interface. */
void program_unpin(const char *programs, uint32_t id);

/* A descriptor of a program by its id, from a pin in the directory, or else from the kernel, which
 * takes CAP_SYS_ADMIN. -errno
 */
int program_fd(const char *programs, uint32_t id);

/* Only from a pin. */
int program_pinned_fd(const char *programs, uint32_t id);

/* Removes every pin of an unwanted program. */
void programs_sweep(const char *programs, bool (*wanted)(uint32_t program_id, void *data),
		    void *data);

#endif
