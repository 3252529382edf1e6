build-fp/user/complaint.o: user/complaint.c user/complaint.h
user/complaint.h:
