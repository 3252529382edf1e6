build-fp/selftests/model/client.o: selftests/model/client.c \
 selftests/model/client.h selftests/model/client_wraps.h \
 user/daemon/peer.h user/daemon/store_log.h user/daemon/store.h \
 user/error.h user/prefix.h user/daemon/store_log.h \
 selftests/model/model.h selftests/model/reference.h \
 selftests/model/world.h
selftests/model/client.h:
selftests/model/client_wraps.h:
user/daemon/peer.h:
user/daemon/store_log.h:
user/daemon/store.h:
user/error.h:
user/prefix.h:
user/daemon/store_log.h:
selftests/model/model.h:
selftests/model/reference.h:
selftests/model/world.h:
