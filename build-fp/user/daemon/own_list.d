build-fp/user/daemon/own_list.o: user/daemon/own_list.c \
 user/daemon/own_list.h user/prefix.h user/daemon/netlink_dump.h
user/daemon/own_list.h:
user/prefix.h:
user/daemon/netlink_dump.h:
