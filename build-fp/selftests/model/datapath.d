build-fp/selftests/model/datapath.o: selftests/model/datapath.c \
 selftests/model/datapath.h selftests/model/reference.h user/prefix.h \
 selftests/model/world.h user/tables.h headers/slash64/icmpv6.h \
 headers/slash64/types.h headers/slash64/maps.h headers/slash64/classes.h \
 headers/slash64/hash.h headers/slash64/reasons.h headers/slash64/site.h \
 headers/slash64/prefixes.h user/error.h user/prefix.h \
 selftests/model/../../bpf/packet.h selftests/model/../../bpf/blocks.h \
 headers/slash64/placement.h selftests/model/../../bpf/bits.h \
 selftests/model/../../bpf/limit.h selftests/model/../../bpf/tables.h \
 selftests/model/../../bpf/source.h selftests/model/../../bpf/packet.h
selftests/model/datapath.h:
selftests/model/reference.h:
user/prefix.h:
selftests/model/world.h:
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/types.h:
headers/slash64/maps.h:
headers/slash64/classes.h:
headers/slash64/hash.h:
headers/slash64/reasons.h:
headers/slash64/site.h:
headers/slash64/prefixes.h:
user/error.h:
user/prefix.h:
selftests/model/../../bpf/packet.h:
selftests/model/../../bpf/blocks.h:
headers/slash64/placement.h:
selftests/model/../../bpf/bits.h:
selftests/model/../../bpf/limit.h:
selftests/model/../../bpf/tables.h:
selftests/model/../../bpf/source.h:
selftests/model/../../bpf/packet.h:
