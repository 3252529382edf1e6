build-fp/user/daemon/block_terms.o: user/daemon/block_terms.c \
 user/daemon/block_terms.h user/config.h user/policy.h \
 headers/slash64/maps.h headers/slash64/classes.h headers/slash64/types.h \
 headers/slash64/hash.h headers/slash64/reasons.h headers/slash64/site.h \
 user/names.h user/yaml_source.h user/error.h user/prefix.h \
 user/site_rules.h user/error.h user/daemon/store.h user/prefix.h \
 user/daemon/reply.h user/wall_clock.h user/when.h
user/daemon/block_terms.h:
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
user/daemon/store.h:
user/prefix.h:
user/daemon/reply.h:
user/wall_clock.h:
user/when.h:
