build-fp/selftests/model/steps_backup.o: selftests/model/steps_backup.c \
 selftests/model/lists.h selftests/model/model.h selftests/model/client.h \
 selftests/model/reference.h user/prefix.h selftests/model/world.h
selftests/model/lists.h:
selftests/model/model.h:
selftests/model/client.h:
selftests/model/reference.h:
user/prefix.h:
selftests/model/world.h:
