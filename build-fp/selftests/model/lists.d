build-fp/selftests/model/lists.o: selftests/model/lists.c \
 selftests/model/lists.h selftests/model/model.h selftests/model/client.h \
 selftests/model/reference.h user/prefix.h selftests/model/world.h
selftests/model/lists.h:
selftests/model/model.h:
selftests/model/client.h:
selftests/model/reference.h:
user/prefix.h:
selftests/model/world.h:
