build-fp/user/daemon/guards_known.o: user/daemon/guards_known.c \
 user/daemon/guards_known.h user/site_rules.h headers/slash64/site.h \
 headers/slash64/hash.h headers/slash64/types.h user/error.h \
 user/prefix.h
user/daemon/guards_known.h:
user/site_rules.h:
headers/slash64/site.h:
headers/slash64/hash.h:
headers/slash64/types.h:
user/error.h:
user/prefix.h:
