build-fp/user/feed_crowdsec.o: user/feed_crowdsec.c user/feed_internal.h \
 user/feed.h user/prefix.h
user/feed_internal.h:
user/feed.h:
user/prefix.h:
