build-fp/user/daemon/control_reload.o: user/daemon/control_reload.c \
 user/config_diff.h user/config.h user/policy.h headers/slash64/maps.h \
 headers/slash64/classes.h headers/slash64/types.h headers/slash64/hash.h \
 headers/slash64/reasons.h headers/slash64/site.h user/names.h \
 user/yaml_source.h user/error.h user/prefix.h user/site_rules.h \
 user/daemon/config_in_force.h user/daemon/daemon.h \
 user/daemon/addresses.h user/tables.h headers/slash64/icmpv6.h \
 headers/slash64/prefixes.h user/daemon/blocks.h user/daemon/changes.h \
 user/error.h user/config.h user/daemon/hits_kept.h user/prefix.h \
 user/prefixes.h user/buckets.h user/gate.h user/tables.h \
 user/prefix_set.h user/sites.h user/daemon/store.h \
 user/daemon/throttles.h user/buckets.h user/units.h user/wall_clock.h \
 user/daemon/blocks_config.h user/daemon/rails.h user/daemon/guards.h \
 user/site_rules.h user/daemon/ifaces.h user/daemon/attach.h \
 user/daemon/counters.h user/limiter.h user/daemon/samples.h \
 user/daemon/source_rates.h user/daemon/confirm.h \
 user/daemon/store_unconfirmed.h user/daemon/control_feeds.h \
 user/daemon/control_handlers.h user/daemon/reply.h
user/config_diff.h:
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
user/daemon/config_in_force.h:
user/daemon/daemon.h:
user/daemon/addresses.h:
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/prefixes.h:
user/daemon/blocks.h:
user/daemon/changes.h:
user/error.h:
user/config.h:
user/daemon/hits_kept.h:
user/prefix.h:
user/prefixes.h:
user/buckets.h:
user/gate.h:
user/tables.h:
user/prefix_set.h:
user/sites.h:
user/daemon/store.h:
user/daemon/throttles.h:
user/buckets.h:
user/units.h:
user/wall_clock.h:
user/daemon/blocks_config.h:
user/daemon/rails.h:
user/daemon/guards.h:
user/site_rules.h:
user/daemon/ifaces.h:
user/daemon/attach.h:
user/daemon/counters.h:
user/limiter.h:
user/daemon/samples.h:
user/daemon/source_rates.h:
user/daemon/confirm.h:
user/daemon/store_unconfirmed.h:
user/daemon/control_feeds.h:
user/daemon/control_handlers.h:
user/daemon/reply.h:
