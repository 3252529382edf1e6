build-fp/user/when.o: user/when.c user/when.h user/duration.h
user/when.h:
user/duration.h:
