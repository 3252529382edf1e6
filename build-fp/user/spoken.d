build-fp/user/spoken.o: user/spoken.c user/spoken.h user/error.h \
 user/prefix.h
user/spoken.h:
user/error.h:
user/prefix.h:
