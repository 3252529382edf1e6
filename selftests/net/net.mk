# SPDX-License-Identifier: GPL-2.0-only
# Other versions of slash64d, to upgrade to: one with another program, and one with another layout of the maps.

VARIANTS := $(BUILD)/variant-program/slash64d $(BUILD)/variant-layout/slash64d
VARIANT_DEPENDENCIES := $(wildcard bpf/*.[ch] headers/slash64/*.h user/*.[ch] user/daemon/*.[ch]) Makefile

$(BUILD)/variant-program/slash64d: $(VARIANT_DEPENDENCIES)
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/variant-program BPF_EXTRA_CFLAGS=-mcpu=v2 \
		VERSION=$(VERSION)+program $@

$(BUILD)/variant-layout/slash64d: $(VARIANT_DEPENDENCIES)
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/variant-layout VERSION=$(VERSION)+layout \
		EXTRA_CFLAGS='$(EXTRA_CFLAGS) -DS64_LAYOUT=1000 -DS64_SAMPLE_SLOTS=2048' \
		BPF_EXTRA_CFLAGS='-DS64_LAYOUT=1000 -DS64_SAMPLE_SLOTS=2048' $@

.PHONY: variants
variants: $(VARIANTS)

$(BUILD)/stepped_clock.so: selftests/net/stepped_clock.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(CFLAGS) -Wno-missing-prototypes -shared -fPIC -o $@ $< -ldl

$(BUILD)/lazy_store.so: selftests/net/lazy_store.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(CFLAGS) -Wno-missing-prototypes -shared -fPIC -o $@ $< -ldl
