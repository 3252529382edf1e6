build-fp/user/names.o: user/names.c user/names.h \
 headers/slash64/classes.h headers/slash64/types.h \
 headers/slash64/reasons.h
user/names.h:
headers/slash64/classes.h:
headers/slash64/types.h:
headers/slash64/reasons.h:
