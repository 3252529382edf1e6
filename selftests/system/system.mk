# SPDX-License-Identifier: GPL-2.0-only
# Other versions of slash64d to upgrade to: one with another program, and one with another layout of
# the maps.

VARIANTS := $(BUILD)/variant-program/slash64d $(BUILD)/variant-layout/slash64d
VARIANT_BPF_CFLAGS_program := -mcpu=v2
VARIANT_CFLAGS_layout := -DS64_LAYOUT=1000 -DS64_SAMPLE_SLOTS=2048
VARIANT_BPF_CFLAGS_layout := $(VARIANT_CFLAGS_layout)

# What a variant has of its own: the programs, and the sources that see them, the version, or a number of the layout. All
# other objects are those of the build.
VARIANT_SOURCES := $(shell grep -rlE 'SLASH64_VERSION|skel\.h|S64_LAYOUT|S64_SAMPLE_SLOTS|map_list\.h' user --include='*.c')
variant_objects = $(foreach object,$(call objects,$(COMMON_SOURCES) $(DAEMON_SOURCES)),$(if \
	$(filter $(object),$(call objects,$(VARIANT_SOURCES))),$(patsubst $(BUILD)/%,$(BUILD)/variant-$(1)/%,$(object)),$(object)))

define variant
$(BUILD)/variant-$(1)/%.bpf.o: bpf/%.bpf.c bpf/slash64.bpf.c $(wildcard bpf/*.h bpf/extras/*.h) $(wildcard headers/slash64/*.h) Makefile
	@mkdir -p $$(@D)
	@echo '  BPF   $$@'
	$(Q)$(CLANG) $(BPF_CFLAGS) $(VARIANT_BPF_CFLAGS_$(1)) $$(BPF_CFLAGS_$$*) -c $$< -o $$@

$(BUILD)/variant-$(1)/%.skel.h: $(BUILD)/variant-$(1)/%.bpf.o
	@echo '  SKEL  $$@'
	$(Q)$(BPFTOOL) gen skeleton $$< name $$*_bpf > $$@.tmp && mv $$@.tmp $$@

$(BUILD)/variant-$(1)/%.o: %.c Makefile | $(patsubst $(BUILD)/%,$(BUILD)/variant-$(1)/%,$(SKELETONS))
	@mkdir -p $$(@D)
	@echo '  CC    $$@'
	$(Q)$(CC) -I$(BUILD)/variant-$(1) $(ALL_CFLAGS) $(VARIANT_CFLAGS_$(1)) \
		-USLASH64_VERSION -DSLASH64_VERSION='"$(VERSION)+$(1)"' -MMD -MP -c $$< -o $$@

$(BUILD)/variant-$(1)/slash64d: $(call variant_objects,$(1))
	@echo '  LD    $$@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $$@ $$^ $(call pkg,$(DAEMON_PACKAGES)) -lm
endef
$(foreach name,program layout,$(eval $(call variant,$(name))))

-include $(shell find $(BUILD)/variant-program $(BUILD)/variant-layout -name '*.d' 2>/dev/null)

# And one whose two programs are replaced by one that the verifier refuses.
REFUSED := $(BUILD)/variant-refused
REFUSED_OBJECTS := $(REFUSED)/user/maps/program.o $(filter-out $(BUILD)/user/maps/program.o,$(call objects,$(COMMON_SOURCES)))

$(REFUSED)/%.bpf.o: bpf/%.bpf.c selftests/system/refused.h bpf/slash64.bpf.c $(wildcard bpf/*.h bpf/extras/*.h) \
		$(wildcard headers/slash64/*.h)
	@mkdir -p $(@D)
	@echo '  BPF   $@'
	$(Q)$(CLANG) $(BPF_CFLAGS) -include selftests/system/refused.h -c $< -o $@

$(REFUSED)/%.skel.h: $(REFUSED)/%.bpf.o
	@echo '  SKEL  $@'
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@.tmp && mv $@.tmp $@

$(REFUSED)/user/maps/program.o: user/maps/program.c $(REFUSED)/slash64.skel.h $(REFUSED)/instrumented.skel.h Makefile
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) -I$(REFUSED) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(REFUSED)/slash64d: $(REFUSED_OBJECTS) $(call objects,$(DAEMON_SOURCES))
	@echo '  LD    $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,$(DAEMON_PACKAGES)) -lm

$(REFUSED)/slash64: $(REFUSED_OBJECTS) $(call objects,$(CLI_SOURCES))
	@echo '  LD    $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,$(CLI_PACKAGES)) -lm

.PHONY: variants
variants: $(VARIANTS) $(REFUSED)/slash64d $(REFUSED)/slash64

$(BUILD)/stepped_clock.so: selftests/lib/stepped_clock.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -shared -fPIC -o $@ $< -ldl

$(BUILD)/lazy_store.so: selftests/lib/lazy_store.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -shared -fPIC -o $@ $< -ldl

$(BUILD)/kill_at_call.so: selftests/lib/kill_at_call.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -shared -fPIC -o $@ $< -ldl

# The pictures of the page in docs/images, with a flood in them.
.PHONY: screenshots
screenshots: all $(BUILD)/flood
	@scripts/deps.sh test screenshots
	@/usr/bin/python3 selftests/lib/screenshots.py docs/images

$(BUILD)/turn_watch.so: selftests/lib/turn_watch.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -shared -fPIC -o $@ $< -ldl

$(BUILD)/unreadable_store.so: selftests/lib/unreadable_store.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -shared -fPIC -o $@ $< -ldl
