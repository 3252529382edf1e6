build-fp/user/daemon/listener.o: user/daemon/listener.c \
 user/daemon/listener.h user/daemon/failures.h user/log.h
user/daemon/listener.h:
user/daemon/failures.h:
user/log.h:
