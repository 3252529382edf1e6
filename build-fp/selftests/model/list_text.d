build-fp/selftests/model/list_text.o: selftests/model/list_text.c \
 selftests/model/lists.h selftests/model/model.h selftests/model/client.h \
 selftests/model/reference.h user/prefix.h selftests/model/world.h
selftests/model/lists.h:
selftests/model/model.h:
selftests/model/client.h:
selftests/model/reference.h:
user/prefix.h:
selftests/model/world.h:
