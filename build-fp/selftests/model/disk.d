build-fp/selftests/model/disk.o: selftests/model/disk.c \
 selftests/model/world.h
selftests/model/world.h:
