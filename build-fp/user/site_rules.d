build-fp/user/site_rules.o: user/site_rules.c user/site_rules.h \
 headers/slash64/site.h headers/slash64/hash.h headers/slash64/types.h \
 user/error.h user/prefix.h user/packets_wait.h user/tables.h \
 headers/slash64/icmpv6.h headers/slash64/maps.h \
 headers/slash64/classes.h headers/slash64/reasons.h \
 headers/slash64/prefixes.h
user/site_rules.h:
headers/slash64/site.h:
headers/slash64/hash.h:
headers/slash64/types.h:
user/error.h:
user/prefix.h:
user/packets_wait.h:
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/maps.h:
headers/slash64/classes.h:
headers/slash64/reasons.h:
headers/slash64/prefixes.h:
