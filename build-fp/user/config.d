build-fp/user/config.o: user/config.c user/config.h user/policy.h \
 headers/slash64/maps.h headers/slash64/classes.h headers/slash64/types.h \
 headers/slash64/hash.h headers/slash64/reasons.h headers/slash64/site.h \
 user/names.h user/yaml_source.h user/error.h user/prefix.h \
 user/site_rules.h user/config_fields.h user/duration.h \
 user/listen_address.h user/units.h
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
user/error.h:
user/prefix.h:
user/site_rules.h:
user/config_fields.h:
user/duration.h:
user/listen_address.h:
user/units.h:
