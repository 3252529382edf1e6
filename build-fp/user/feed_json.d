build-fp/user/feed_json.o: user/feed_json.c user/feed_internal.h \
 user/feed.h user/prefix.h user/when.h
user/feed_internal.h:
user/feed.h:
user/prefix.h:
user/when.h:
