build-fp/user/runner.o: user/runner.c user/runner.h user/config.h \
 user/policy.h headers/slash64/maps.h headers/slash64/classes.h \
 headers/slash64/types.h headers/slash64/hash.h headers/slash64/reasons.h \
 headers/slash64/site.h user/names.h user/yaml_source.h user/error.h \
 user/prefix.h user/site_rules.h user/prefixes.h user/buckets.h \
 user/gate.h user/tables.h headers/slash64/icmpv6.h \
 headers/slash64/prefixes.h user/prefix_set.h user/program.h user/sites.h \
 user/complaint.h user/permission.h build-fp/slash64.skel.h user/units.h
user/runner.h:
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
user/prefixes.h:
user/buckets.h:
user/gate.h:
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/prefixes.h:
user/prefix_set.h:
user/program.h:
user/sites.h:
user/complaint.h:
user/permission.h:
build-fp/slash64.skel.h:
user/units.h:
