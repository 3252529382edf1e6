build-fp/user/daemon/task.o: user/daemon/task.c user/daemon/task.h \
 user/daemon/turn.h
user/daemon/task.h:
user/daemon/turn.h:
