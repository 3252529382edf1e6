build-fp/selftests/model/texts.o: selftests/model/texts.c \
 selftests/model/model.h selftests/model/client.h \
 selftests/model/reference.h user/prefix.h selftests/model/world.h
selftests/model/model.h:
selftests/model/client.h:
selftests/model/reference.h:
user/prefix.h:
selftests/model/world.h:
