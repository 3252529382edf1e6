build-fp/user/program.o: user/program.c user/program.h user/error.h \
 user/tables.h headers/slash64/icmpv6.h headers/slash64/types.h \
 headers/slash64/maps.h headers/slash64/classes.h headers/slash64/hash.h \
 headers/slash64/reasons.h headers/slash64/site.h \
 headers/slash64/prefixes.h user/prefix.h user/complaint.h \
 build-fp/instrumented.skel.h user/permission.h build-fp/slash64.skel.h
user/program.h:
user/error.h:
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/types.h:
headers/slash64/maps.h:
headers/slash64/classes.h:
headers/slash64/hash.h:
headers/slash64/reasons.h:
headers/slash64/site.h:
headers/slash64/prefixes.h:
user/prefix.h:
user/complaint.h:
build-fp/instrumented.skel.h:
user/permission.h:
build-fp/slash64.skel.h:
