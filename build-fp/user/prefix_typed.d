build-fp/user/prefix_typed.o: user/prefix_typed.c user/prefix_typed.h \
 user/prefix.h
user/prefix_typed.h:
user/prefix.h:
