build-fp/user/near.o: user/near.c user/near.h
user/near.h:
