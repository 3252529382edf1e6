build-fp/user/listen_address.o: user/listen_address.c \
 user/listen_address.h
user/listen_address.h:
