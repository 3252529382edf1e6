build-fp/user/feed_recognize.o: user/feed_recognize.c \
 user/feed_internal.h user/feed.h user/prefix.h
user/feed_internal.h:
user/feed.h:
user/prefix.h:
