build-fp/user/daemon/feed_file.o: user/daemon/feed_file.c \
 user/daemon/feed_file.h
user/daemon/feed_file.h:
