build-fp/selftests/model/main.o: selftests/model/main.c \
 selftests/model/main_wraps.h selftests/model/model.h \
 selftests/model/client.h selftests/model/reference.h user/prefix.h \
 selftests/model/world.h selftests/model/shrink.h
selftests/model/main_wraps.h:
selftests/model/model.h:
selftests/model/client.h:
selftests/model/reference.h:
user/prefix.h:
selftests/model/world.h:
selftests/model/shrink.h:
