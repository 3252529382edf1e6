build-fp/user/daemon/throttles.o: user/daemon/throttles.c \
 user/daemon/throttles.h user/buckets.h headers/slash64/maps.h \
 headers/slash64/classes.h headers/slash64/types.h headers/slash64/hash.h \
 headers/slash64/reasons.h headers/slash64/site.h user/daemon/store.h \
 user/error.h user/prefix.h user/tables.h headers/slash64/icmpv6.h \
 headers/slash64/prefixes.h user/error.h user/prefix.h user/log.h \
 user/policy.h user/names.h user/yaml_source.h
user/daemon/throttles.h:
user/buckets.h:
headers/slash64/maps.h:
headers/slash64/classes.h:
headers/slash64/types.h:
headers/slash64/hash.h:
headers/slash64/reasons.h:
headers/slash64/site.h:
user/daemon/store.h:
user/error.h:
user/prefix.h:
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/prefixes.h:
user/error.h:
user/prefix.h:
user/log.h:
user/policy.h:
user/names.h:
user/yaml_source.h:
