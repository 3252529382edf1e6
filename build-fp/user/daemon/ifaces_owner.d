build-fp/user/daemon/ifaces_owner.o: user/daemon/ifaces_owner.c \
 user/daemon/ifaces_internal.h user/daemon/ifaces.h user/daemon/attach.h \
 user/config.h user/policy.h headers/slash64/maps.h \
 headers/slash64/classes.h headers/slash64/types.h headers/slash64/hash.h \
 headers/slash64/reasons.h headers/slash64/site.h user/names.h \
 user/yaml_source.h user/error.h user/prefix.h user/site_rules.h \
 user/tables.h headers/slash64/icmpv6.h headers/slash64/prefixes.h \
 user/daemon/counters.h user/daemon/store.h user/error.h user/prefix.h \
 user/daemon/link_names.h user/near.h
user/daemon/ifaces_internal.h:
user/daemon/ifaces.h:
user/daemon/attach.h:
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
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/prefixes.h:
user/daemon/counters.h:
user/daemon/store.h:
user/error.h:
user/prefix.h:
user/daemon/link_names.h:
user/near.h:
