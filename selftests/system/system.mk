# SPDX-License-Identifier: GPL-2.0-only
# Other versions of slash64d to upgrade to: one with another program, and one with another layout of
# the maps.

VARIANTS := $(BUILD)/variant-program/slash64d $(BUILD)/variant-layout/slash64d
VARIANT_DEPENDENCIES := $(wildcard bpf/*.[ch] headers/slash64/*.h user/*.[ch] user/*/*.[ch] user/*/*/*.[ch] user/*/*/*/*.[ch] user/*/*/*/*/*.[ch]) Makefile

$(BUILD)/variant-program/slash64d: $(VARIANT_DEPENDENCIES)
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/variant-program BPF_EXTRA_CFLAGS=-mcpu=v2 \
		VERSION=$(VERSION)+program $@

$(BUILD)/variant-layout/slash64d: $(VARIANT_DEPENDENCIES)
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/variant-layout VERSION=$(VERSION)+layout \
		EXTRA_CFLAGS='$(EXTRA_CFLAGS) -DS64_LAYOUT=1000 -DS64_SAMPLE_SLOTS=2048' \
		BPF_EXTRA_CFLAGS='-DS64_LAYOUT=1000 -DS64_SAMPLE_SLOTS=2048' $@

# And one whose two programs are replaced by one that the verifier refuses.
REFUSED := $(BUILD)/variant-refused
REFUSED_OBJECTS := $(REFUSED)/user/maps/program.o $(filter-out $(BUILD)/user/maps/program.o,$(call objects,$(COMMON_SOURCES)))

$(REFUSED)/%.bpf.o: bpf/%.bpf.c selftests/system/refused.h bpf/slash64.bpf.c $(wildcard bpf/*.h) \
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

$(BUILD)/turn_watch.so: selftests/lib/turn_watch.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -shared -fPIC -o $@ $< -ldl

$(BUILD)/unreadable_store.so: selftests/lib/unreadable_store.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -shared -fPIC -o $@ $< -ldl
