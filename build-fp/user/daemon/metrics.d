build-fp/user/daemon/metrics.o: user/daemon/metrics.c \
 user/daemon/metrics.h user/daemon/daemon.h user/daemon/addresses.h \
 user/tables.h headers/slash64/icmpv6.h headers/slash64/types.h \
 headers/slash64/maps.h headers/slash64/classes.h headers/slash64/hash.h \
 headers/slash64/reasons.h headers/slash64/site.h \
 headers/slash64/prefixes.h user/error.h user/prefix.h \
 user/daemon/blocks.h user/daemon/changes.h user/error.h user/config.h \
 user/policy.h user/names.h user/yaml_source.h user/site_rules.h \
 user/daemon/hits_kept.h user/prefix.h user/prefixes.h user/buckets.h \
 user/gate.h user/tables.h user/prefix_set.h user/sites.h \
 user/daemon/store.h user/daemon/throttles.h user/buckets.h user/units.h \
 user/wall_clock.h user/daemon/blocks_config.h user/daemon/rails.h \
 user/daemon/guards.h user/site_rules.h user/daemon/ifaces.h \
 user/daemon/attach.h user/daemon/counters.h user/limiter.h \
 user/daemon/samples.h user/daemon/source_rates.h user/escape.h \
 user/daemon/feeds.h user/daemon/imports.h user/feed.h \
 user/daemon/import_difference.h user/daemon/import_entries.h \
 user/listen_address.h user/daemon/listener.h user/names.h \
 user/daemon/upkeep.h
user/daemon/metrics.h:
user/daemon/daemon.h:
user/daemon/addresses.h:
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/types.h:
headers/slash64/maps.h:
headers/slash64/classes.h:
headers/slash64/hash.h:
headers/slash64/reasons.h:
headers/slash64/site.h:
headers/slash64/prefixes.h:
user/error.h:
user/prefix.h:
user/daemon/blocks.h:
user/daemon/changes.h:
user/error.h:
user/config.h:
user/policy.h:
user/names.h:
user/yaml_source.h:
user/site_rules.h:
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
user/escape.h:
user/daemon/feeds.h:
user/daemon/imports.h:
user/feed.h:
user/daemon/import_difference.h:
user/daemon/import_entries.h:
user/listen_address.h:
user/daemon/listener.h:
user/names.h:
user/daemon/upkeep.h:
