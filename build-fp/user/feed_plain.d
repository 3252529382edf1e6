build-fp/user/feed_plain.o: user/feed_plain.c user/feed_internal.h \
 user/feed.h user/prefix.h
user/feed_internal.h:
user/feed.h:
user/prefix.h:
