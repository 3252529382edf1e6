build-fp/user/tables.o: user/tables.c user/tables.h \
 headers/slash64/icmpv6.h headers/slash64/types.h headers/slash64/maps.h \
 headers/slash64/classes.h headers/slash64/hash.h \
 headers/slash64/reasons.h headers/slash64/site.h \
 headers/slash64/prefixes.h user/error.h user/prefix.h user/clock.h \
 user/config.h user/policy.h user/names.h user/yaml_source.h \
 user/site_rules.h user/gate.h user/icmpv6_table.h user/permission.h \
 build-fp/slash64.skel.h user/special.h
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
user/clock.h:
user/config.h:
user/policy.h:
user/names.h:
user/yaml_source.h:
user/site_rules.h:
user/gate.h:
user/icmpv6_table.h:
user/permission.h:
build-fp/slash64.skel.h:
user/special.h:
