build-fp/user/sites.o: user/sites.c user/sites.h user/buckets.h \
 headers/slash64/maps.h headers/slash64/classes.h headers/slash64/types.h \
 headers/slash64/hash.h headers/slash64/reasons.h headers/slash64/site.h \
 user/tables.h headers/slash64/icmpv6.h headers/slash64/prefixes.h \
 user/error.h user/prefix.h headers/slash64/placement.h
user/sites.h:
user/buckets.h:
headers/slash64/maps.h:
headers/slash64/classes.h:
headers/slash64/types.h:
headers/slash64/hash.h:
headers/slash64/reasons.h:
headers/slash64/site.h:
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/prefixes.h:
user/error.h:
user/prefix.h:
headers/slash64/placement.h:
