build-fp/user/daemon/store_log.o: user/daemon/store_log.c \
 user/daemon/store_log.h user/daemon/store.h user/error.h user/prefix.h \
 user/daemon/store_internal.h user/wall_clock.h
user/daemon/store_log.h:
user/daemon/store.h:
user/error.h:
user/prefix.h:
user/daemon/store_internal.h:
user/wall_clock.h:
