build-fp/user/units.o: user/units.c user/units.h user/site_rules.h \
 headers/slash64/site.h headers/slash64/hash.h headers/slash64/types.h \
 user/error.h user/prefix.h headers/slash64/maps.h \
 headers/slash64/classes.h headers/slash64/reasons.h
user/units.h:
user/site_rules.h:
headers/slash64/site.h:
headers/slash64/hash.h:
headers/slash64/types.h:
user/error.h:
user/prefix.h:
headers/slash64/maps.h:
headers/slash64/classes.h:
headers/slash64/reasons.h:
