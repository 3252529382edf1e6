build-fp/user/daemon/source_rates.o: user/daemon/source_rates.c \
 user/daemon/source_rates.h headers/slash64/hash.h \
 headers/slash64/types.h user/error.h
user/daemon/source_rates.h:
headers/slash64/hash.h:
headers/slash64/types.h:
user/error.h:
