build-fp/user/daemon/guards_networks.o: user/daemon/guards_networks.c \
 user/daemon/guards_networks.h user/prefix_set.h user/prefix.h
user/daemon/guards_networks.h:
user/prefix_set.h:
user/prefix.h:
