build-fp/user/daemon/store_unconfirmed.o: user/daemon/store_unconfirmed.c \
 user/daemon/store_unconfirmed.h user/daemon/store.h user/error.h \
 user/prefix.h user/daemon/store_internal.h user/daemon/store_log.h
user/daemon/store_unconfirmed.h:
user/daemon/store.h:
user/error.h:
user/prefix.h:
user/daemon/store_internal.h:
user/daemon/store_log.h:
