build-fp/user/daemon/netlink_dump.o: user/daemon/netlink_dump.c \
 user/daemon/netlink_dump.h
user/daemon/netlink_dump.h:
