/* SPDX-License-Identifier: GPL-2.0-only */
/* The interface slots of pinned maps, of this layout or another. They say which interface has which
 * name, also if it was renamed since: an upgrade that did not know would leave it open.
 *
 * The slots are the last before `owner`, the last word, in every layout. Before layout 6 (0.1.0 has 4)
 * a name had 16 bytes.
 */
#ifndef SLASH64_MAPS_IFACE_SLOTS_H
#define SLASH64_MAPS_IFACE_SLOTS_H

#include <slash64/maps.h>
#include <stddef.h>

/* From a copy of the map of facts. -EINVAL: these are no slots. */
int iface_slots_parse(const void *meta, size_t bytes, struct s64_iface_slot slot[S64_IFACES_MAX]);

/* From the maps pinned in the directory. */
int iface_slots_read(const char *directory, struct s64_iface_slot slot[S64_IFACES_MAX]);
/* From a map of facts. */
int iface_slots_read_fd(int fd, struct s64_iface_slot slot[S64_IFACES_MAX]);

/* Into the slots of new maps: each keeps its place where there is one, and those of attached
 * interfaces come first if there is not room for all. `program` is 0, as the program was loaded with
 * other maps.
 */
void iface_slots_carry(const struct s64_iface_slot *from, struct s64_meta *to);

/* Where slot `at` of `from` has gone: to the same name, or to a new name of the same interface. -1:
 * nowhere.
 */
int iface_slots_where(const struct s64_iface_slot *from, __u32 at, const struct s64_meta *to);

#endif
