build-fp/user/daemon/bridges.o: user/daemon/bridges.c \
 user/daemon/bridges.h user/config.h user/policy.h headers/slash64/maps.h \
 headers/slash64/classes.h headers/slash64/types.h headers/slash64/hash.h \
 headers/slash64/reasons.h headers/slash64/site.h user/names.h \
 user/yaml_source.h user/error.h user/prefix.h user/site_rules.h \
 user/daemon/link_names.h user/near.h user/daemon/netlink_dump.h
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
user/daemon/link_names.h:
user/near.h:
user/daemon/netlink_dump.h:
