build-fp/user/feed.o: user/feed.c user/feed.h user/prefix.h \
 user/feed_internal.h
user/feed.h:
user/prefix.h:
user/feed_internal.h:
