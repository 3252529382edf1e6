build-fp/selftests/model/shrink.o: selftests/model/shrink.c \
 selftests/model/shrink.h selftests/model/model.h \
 selftests/model/client.h selftests/model/reference.h user/prefix.h \
 selftests/model/world.h
selftests/model/shrink.h:
selftests/model/model.h:
selftests/model/client.h:
selftests/model/reference.h:
user/prefix.h:
selftests/model/world.h:
