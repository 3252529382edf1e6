build-fp/selftests/model/reference.o: selftests/model/reference.c \
 selftests/model/reference.h user/prefix.h selftests/model/world.h
selftests/model/reference.h:
user/prefix.h:
selftests/model/world.h:
