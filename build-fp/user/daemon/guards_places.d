build-fp/user/daemon/guards_places.o: user/daemon/guards_places.c \
 user/daemon/guards_places.h user/daemon/guards.h user/config.h \
 user/policy.h headers/slash64/maps.h headers/slash64/classes.h \
 headers/slash64/types.h headers/slash64/hash.h headers/slash64/reasons.h \
 headers/slash64/site.h user/names.h user/yaml_source.h user/error.h \
 user/prefix.h user/site_rules.h user/error.h user/site_rules.h \
 user/daemon/guards_known.h
user/daemon/guards_places.h:
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
user/daemon/guards_known.h:
