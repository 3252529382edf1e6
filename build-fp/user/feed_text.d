build-fp/user/feed_text.o: user/feed_text.c user/feed_internal.h \
 user/feed.h user/prefix.h user/utf8.h
user/feed_internal.h:
user/feed.h:
user/prefix.h:
user/utf8.h:
