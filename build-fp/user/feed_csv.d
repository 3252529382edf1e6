build-fp/user/feed_csv.o: user/feed_csv.c user/feed_internal.h \
 user/feed.h user/prefix.h
user/feed_internal.h:
user/feed.h:
user/prefix.h:
