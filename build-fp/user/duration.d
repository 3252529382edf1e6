build-fp/user/duration.o: user/duration.c user/duration.h
user/duration.h:
