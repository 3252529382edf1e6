build-fp/user/daemon/addresses.o: user/daemon/addresses.c \
 user/daemon/addresses.h user/tables.h headers/slash64/icmpv6.h \
 headers/slash64/types.h headers/slash64/maps.h headers/slash64/classes.h \
 headers/slash64/hash.h headers/slash64/reasons.h headers/slash64/site.h \
 headers/slash64/prefixes.h user/error.h user/prefix.h user/local.h \
 user/tables.h user/log.h user/daemon/netlink_dump.h \
 user/daemon/own_list.h user/prefix.h user/daemon/segments.h
user/daemon/addresses.h:
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
user/local.h:
user/tables.h:
user/log.h:
user/daemon/netlink_dump.h:
user/daemon/own_list.h:
user/prefix.h:
user/daemon/segments.h:
