build-fp/user/policy_check.o: user/policy_check.c user/policy_check.h \
 user/config.h user/policy.h headers/slash64/maps.h \
 headers/slash64/classes.h headers/slash64/types.h headers/slash64/hash.h \
 headers/slash64/reasons.h headers/slash64/site.h user/names.h \
 user/yaml_source.h user/error.h user/prefix.h user/site_rules.h \
 user/icmpv6_table.h headers/slash64/icmpv6.h user/special.h \
 headers/slash64/prefixes.h
user/policy_check.h:
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
user/icmpv6_table.h:
headers/slash64/icmpv6.h:
user/special.h:
headers/slash64/prefixes.h:
