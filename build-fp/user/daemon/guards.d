build-fp/user/daemon/guards.o: user/daemon/guards.c user/daemon/guards.h \
 user/config.h user/policy.h headers/slash64/maps.h \
 headers/slash64/classes.h headers/slash64/types.h headers/slash64/hash.h \
 headers/slash64/reasons.h headers/slash64/site.h user/names.h \
 user/yaml_source.h user/error.h user/prefix.h user/site_rules.h \
 user/error.h user/site_rules.h user/daemon/guards_kernel.h \
 user/daemon/guards_known.h user/daemon/guards_networks.h \
 user/prefix_set.h user/daemon/guards_logins.h \
 user/daemon/guards_places.h user/daemon/guards_routes.h user/log.h
user/daemon/guards.h:
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
user/error.h:
user/site_rules.h:
user/daemon/guards_kernel.h:
user/daemon/guards_known.h:
user/daemon/guards_networks.h:
user/prefix_set.h:
user/daemon/guards_logins.h:
user/daemon/guards_places.h:
user/daemon/guards_routes.h:
user/log.h:
