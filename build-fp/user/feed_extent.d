build-fp/user/feed_extent.o: user/feed_extent.c user/feed_internal.h \
 user/feed.h user/prefix.h
user/feed_internal.h:
user/feed.h:
user/prefix.h:
