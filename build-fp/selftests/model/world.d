build-fp/selftests/model/world.o: selftests/model/world.c \
 selftests/model/world.h user/log.h
selftests/model/world.h:
user/log.h:
