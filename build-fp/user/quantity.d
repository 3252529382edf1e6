build-fp/user/quantity.o: user/quantity.c user/quantity.h
user/quantity.h:
