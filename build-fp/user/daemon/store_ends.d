build-fp/user/daemon/store_ends.o: user/daemon/store_ends.c \
 headers/slash64/types.h user/daemon/store_internal.h user/daemon/store.h \
 user/error.h user/prefix.h user/daemon/store_log.h
headers/slash64/types.h:
user/daemon/store_internal.h:
user/daemon/store.h:
user/error.h:
user/prefix.h:
user/daemon/store_log.h:
