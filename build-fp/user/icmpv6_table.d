build-fp/user/icmpv6_table.o: user/icmpv6_table.c user/icmpv6_table.h \
 headers/slash64/icmpv6.h headers/slash64/types.h \
 headers/slash64/classes.h
user/icmpv6_table.h:
headers/slash64/icmpv6.h:
headers/slash64/types.h:
headers/slash64/classes.h:
