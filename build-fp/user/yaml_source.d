build-fp/user/yaml_source.o: user/yaml_source.c user/yaml_source.h \
 user/error.h user/near.h user/quantity.h
user/yaml_source.h:
user/error.h:
user/near.h:
user/quantity.h:
