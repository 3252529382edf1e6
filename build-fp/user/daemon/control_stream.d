build-fp/user/daemon/control_stream.o: user/daemon/control_stream.c \
 user/daemon/control_stream.h user/error.h user/daemon/failures.h \
 user/daemon/reply.h user/daemon/store.h user/prefix.h user/daemon/task.h \
 user/daemon/turn.h
user/daemon/control_stream.h:
user/error.h:
user/daemon/failures.h:
user/daemon/reply.h:
user/daemon/store.h:
user/prefix.h:
user/daemon/task.h:
user/daemon/turn.h:
