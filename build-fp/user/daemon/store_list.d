build-fp/user/daemon/store_list.o: user/daemon/store_list.c \
 user/daemon/store_internal.h user/daemon/store.h user/error.h \
 user/prefix.h user/daemon/store_log.h user/wall_clock.h
user/daemon/store_internal.h:
user/daemon/store.h:
user/error.h:
user/prefix.h:
user/daemon/store_log.h:
user/wall_clock.h:
