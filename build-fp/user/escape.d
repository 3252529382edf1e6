build-fp/user/escape.o: user/escape.c user/escape.h user/utf8.h
user/escape.h:
user/utf8.h:
