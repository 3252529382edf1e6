build-fp/selftests/model/steps.o: selftests/model/steps.c \
 selftests/model/model.h selftests/model/client.h \
 selftests/model/reference.h user/prefix.h selftests/model/world.h
selftests/model/model.h:
selftests/model/client.h:
selftests/model/reference.h:
user/prefix.h:
selftests/model/world.h:
