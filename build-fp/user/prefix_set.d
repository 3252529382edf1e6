build-fp/user/prefix_set.o: user/prefix_set.c user/prefix_set.h \
 user/prefix.h
user/prefix_set.h:
user/prefix.h:
