build-fp/user/feed_documents.o: user/feed_documents.c \
 user/feed_internal.h user/feed.h user/prefix.h
user/feed_internal.h:
user/feed.h:
user/prefix.h:
