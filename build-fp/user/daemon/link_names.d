build-fp/user/daemon/link_names.o: user/daemon/link_names.c \
 user/daemon/link_names.h user/near.h
user/daemon/link_names.h:
user/near.h:
