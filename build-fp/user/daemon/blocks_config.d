build-fp/user/daemon/blocks_config.o: user/daemon/blocks_config.c \
 user/daemon/blocks_config.h user/daemon/rails.h user/daemon/blocks.h \
 user/daemon/changes.h user/error.h user/config.h user/policy.h \
 headers/slash64/maps.h headers/slash64/classes.h headers/slash64/types.h \
 headers/slash64/hash.h headers/slash64/reasons.h headers/slash64/site.h \
 user/names.h user/yaml_source.h user/error.h user/prefix.h \
 user/site_rules.h user/daemon/hits_kept.h user/prefix.h user/prefixes.h \
 user/buckets.h user/gate.h user/tables.h headers/slash64/icmpv6.h \
 headers/slash64/prefixes.h user/prefix_set.h user/sites.h \
 user/daemon/store.h user/daemon/throttles.h user/buckets.h user/tables.h \
 user/units.h user/wall_clock.h user/daemon/guards.h user/site_rules.h \
 user/daemon/blocks_internal.h user/config_check.h user/config.h \
 user/policy_check.h user/log.h user/daemon/store_log.h
user/daemon/blocks_config.h:
user/daemon/rails.h:
user/daemon/blocks.h:
user/daemon/changes.h:
user/error.h:
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
user/daemon/hits_kept.h:
user/prefix.h:
user/prefixes.h:
user/buckets.h:
user/gate.h:
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/prefixes.h:
user/prefix_set.h:
user/sites.h:
user/daemon/store.h:
user/daemon/throttles.h:
user/buckets.h:
user/tables.h:
user/units.h:
user/wall_clock.h:
user/daemon/guards.h:
user/site_rules.h:
user/daemon/blocks_internal.h:
user/config_check.h:
user/config.h:
user/policy_check.h:
user/log.h:
user/daemon/store_log.h:
