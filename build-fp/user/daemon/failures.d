build-fp/user/daemon/failures.o: user/daemon/failures.c \
 user/daemon/failures.h
user/daemon/failures.h:
