build-fp/user/special.o: user/special.c user/special.h \
 headers/slash64/prefixes.h headers/slash64/types.h user/prefix.h \
 headers/slash64/site.h headers/slash64/hash.h
user/special.h:
headers/slash64/prefixes.h:
headers/slash64/types.h:
user/prefix.h:
headers/slash64/site.h:
headers/slash64/hash.h:
