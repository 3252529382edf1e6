build-fp/user/policy.o: user/policy.c user/policy.h \
 headers/slash64/maps.h headers/slash64/classes.h headers/slash64/types.h \
 headers/slash64/hash.h headers/slash64/reasons.h headers/slash64/site.h \
 user/names.h user/yaml_source.h user/error.h user/icmpv6_table.h \
 headers/slash64/icmpv6.h user/near.h
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
user/icmpv6_table.h:
headers/slash64/icmpv6.h:
user/near.h:
