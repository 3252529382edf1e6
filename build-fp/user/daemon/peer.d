build-fp/user/daemon/peer.o: user/daemon/peer.c user/daemon/peer.h \
 user/daemon/store_log.h user/daemon/store.h user/error.h user/prefix.h \
 user/escape.h
user/daemon/peer.h:
user/daemon/store_log.h:
user/daemon/store.h:
user/error.h:
user/prefix.h:
user/escape.h:
