build-fp/user/daemon/store_care.o: user/daemon/store_care.c \
 user/daemon/store_internal.h user/daemon/store.h user/error.h \
 user/prefix.h user/daemon/store_log.h user/daemon/turn.h \
 user/wall_clock.h
user/daemon/store_internal.h:
user/daemon/store.h:
user/error.h:
user/prefix.h:
user/daemon/store_log.h:
user/daemon/turn.h:
user/wall_clock.h:
