build-fp/user/wall_clock.o: user/wall_clock.c user/wall_clock.h
user/wall_clock.h:
