build-fp/user/buckets.o: user/buckets.c user/buckets.h \
 headers/slash64/maps.h headers/slash64/classes.h headers/slash64/types.h \
 headers/slash64/hash.h headers/slash64/reasons.h headers/slash64/site.h \
 headers/slash64/placement.h
user/buckets.h:
headers/slash64/maps.h:
headers/slash64/classes.h:
headers/slash64/types.h:
headers/slash64/hash.h:
headers/slash64/reasons.h:
headers/slash64/site.h:
headers/slash64/placement.h:
