build-fp/user/daemon/ifaces_hand.o: user/daemon/ifaces_hand.c \
 user/daemon/bridges.h user/config.h user/policy.h headers/slash64/maps.h \
 headers/slash64/classes.h headers/slash64/types.h headers/slash64/hash.h \
 headers/slash64/reasons.h headers/slash64/site.h user/names.h \
 user/yaml_source.h user/error.h user/prefix.h user/site_rules.h \
 user/daemon/ifaces_detached.h user/daemon/ifaces.h user/daemon/attach.h \
 user/tables.h headers/slash64/icmpv6.h headers/slash64/prefixes.h \
 user/daemon/counters.h user/daemon/store.h user/error.h user/prefix.h \
 user/daemon/ifaces_internal.h user/daemon/link_names.h user/near.h \
 user/log.h user/daemon/store_log.h user/daemon/undo_text.h \
 user/daemon/blocks.h user/daemon/changes.h user/daemon/hits_kept.h \
 user/prefixes.h user/buckets.h user/gate.h user/tables.h \
 user/prefix_set.h user/sites.h user/daemon/throttles.h user/buckets.h \
 user/units.h user/wall_clock.h
user/daemon/bridges.h:
user/config.h:
user/policy.h:
headers/slash64/maps.h:
headers/slash64/classes.h:
headers/slash64/types.h:
headers/slash64/hash.h:
headers/slash64/reasons.h:
headers/slash64/site.h:
user/names.h:
user/yaml_source.h:
user/error.h:
user/prefix.h:
user/site_rules.h:
user/daemon/ifaces_detached.h:
user/daemon/ifaces.h:
user/daemon/attach.h:
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/prefixes.h:
user/daemon/counters.h:
user/daemon/store.h:
user/error.h:
user/prefix.h:
user/daemon/ifaces_internal.h:
user/daemon/link_names.h:
user/near.h:
user/log.h:
user/daemon/store_log.h:
user/daemon/undo_text.h:
user/daemon/blocks.h:
user/daemon/changes.h:
user/daemon/hits_kept.h:
user/prefixes.h:
user/buckets.h:
user/gate.h:
user/tables.h:
user/prefix_set.h:
user/sites.h:
user/daemon/throttles.h:
user/buckets.h:
user/units.h:
user/wall_clock.h:
