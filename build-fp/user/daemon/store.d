build-fp/user/daemon/store.o: user/daemon/store.c user/daemon/store.h \
 user/error.h user/prefix.h user/config.h user/policy.h \
 headers/slash64/maps.h headers/slash64/classes.h headers/slash64/types.h \
 headers/slash64/hash.h headers/slash64/reasons.h headers/slash64/site.h \
 user/names.h user/yaml_source.h user/error.h user/prefix.h \
 user/site_rules.h user/log.h user/daemon/store_internal.h \
 user/daemon/store_log.h user/daemon/task.h user/wall_clock.h
user/daemon/store.h:
user/error.h:
user/prefix.h:
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
user/log.h:
user/daemon/store_internal.h:
user/daemon/store_log.h:
user/daemon/task.h:
user/wall_clock.h:
