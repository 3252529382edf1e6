build-fp/user/permission.o: user/permission.c user/permission.h
user/permission.h:
