build-fp/selftests/model/kernel.o: selftests/model/kernel.c \
 selftests/model/world.h user/clock.h user/error.h user/daemon/attach.h \
 user/config.h user/policy.h headers/slash64/maps.h \
 headers/slash64/classes.h headers/slash64/types.h headers/slash64/hash.h \
 headers/slash64/reasons.h headers/slash64/site.h user/names.h \
 user/yaml_source.h user/prefix.h user/site_rules.h user/tables.h \
 headers/slash64/icmpv6.h headers/slash64/prefixes.h \
 user/daemon/attach_find.h user/daemon/attach.h user/daemon/attach_pins.h \
 user/daemon/confine.h user/daemon/dispatcher_dirs.h \
 user/daemon/guards_kernel.h user/daemon/guards_known.h user/site_rules.h \
 user/daemon/guards_networks.h user/prefix_set.h \
 user/daemon/guards_logins.h user/daemon/guards_routes.h user/error.h \
 user/daemon/link_master.h user/daemon/privileges.h \
 user/daemon/segments.h user/daemon/own_list.h user/prefix.h \
 user/packets_wait.h selftests/model/kernel_wraps.h
selftests/model/world.h:
user/clock.h:
user/error.h:
user/daemon/attach.h:
user/config.h:
user/policy.h:
headers/slash64/maps.h:
headers/slash64/classes.h:
headers/slash64/types.h:
headers/slash64/hash.h:
headers/slash64/reasons.h:
headers/slash64/site.h:
user/names.h:
user/yaml_source.h:
user/prefix.h:
user/site_rules.h:
user/tables.h:
headers/slash64/icmpv6.h:
headers/slash64/prefixes.h:
user/daemon/attach_find.h:
user/daemon/attach.h:
user/daemon/attach_pins.h:
user/daemon/confine.h:
user/daemon/dispatcher_dirs.h:
user/daemon/guards_kernel.h:
user/daemon/guards_known.h:
user/site_rules.h:
user/daemon/guards_networks.h:
user/prefix_set.h:
user/daemon/guards_logins.h:
user/daemon/guards_routes.h:
user/error.h:
user/daemon/link_master.h:
user/daemon/privileges.h:
user/daemon/segments.h:
user/daemon/own_list.h:
user/prefix.h:
user/packets_wait.h:
selftests/model/kernel_wraps.h:
