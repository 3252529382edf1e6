build-fp/user/daemon/changes.o: user/daemon/changes.c \
 user/daemon/changes.h user/error.h user/daemon/store_log.h \
 user/daemon/store.h user/prefix.h user/daemon/task.h
user/daemon/changes.h:
user/error.h:
user/daemon/store_log.h:
user/daemon/store.h:
user/prefix.h:
user/daemon/task.h:
