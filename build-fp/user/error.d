build-fp/user/error.o: user/error.c user/error.h user/utf8.h
user/error.h:
user/utf8.h:
