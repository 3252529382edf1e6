# SPDX-License-Identifier: GPL-2.0-only
# make check-attach slash64d killed before every step of attaching, here; in the guests, see vm.mk

$(BUILD)/stepper: selftests/system/attach/stepper.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $<

$(BUILD)/attached: selftests/system/attach/attached.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $< $(call pkg,libbpf)

$(BUILD)/fail_at_call.so: selftests/lib/fail_at_call.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -shared -fPIC -o $@ $< -ldl

# slash64d and its variants with a short program, for the guests (short.h).
SHORT := $(BUILD)/short

.PHONY: short-programs
short-programs:
	@$(MAKE) --no-print-directory BUILD=$(SHORT) BPF_CFLAGS_slash64='-include selftests/system/attach/short.h' \
		$(SHORT)/slash64d $(SHORT)/variant-program/slash64d $(SHORT)/variant-layout/slash64d

.PHONY: check-attach
check-attach:
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory -j$$(nproc) what-tests-need
	@STEPS=all SLASH64_BUILD=$(BUILD) selftests/system/attach/test_steps.py

# Mistakes that have to be found: what PLANTED is while they are made, and the test that fails with it. Each breaks another
# promise: nothing passes, nothing is left, no program where none is wanted, each packet counted once, refused means unchanged.
ATTACH_MISTAKES := leave-first:upgrade_to_another_program leave-pins:upgrade_to_another_program \
	leave-unwanted:attached_by_hand count-anew:start_that_takes_over not-put-back:start_that_fails
MISTAKEN := $(BUILD)/mistaken

.PHONY: check-attach-finds
check-attach-finds:
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(MISTAKEN) EXTRA_CFLAGS=-DPLANTED $(MISTAKEN)/slash64d $(MISTAKEN)/slash64 \
		$(MISTAKEN)/stepper $(MISTAKEN)/attached $(MISTAKEN)/flood $(MISTAKEN)/fail_at_call.so \
		$(MISTAKEN)/variant-program/slash64d
	@$(MAKE) --no-print-directory -j$$(nproc) $(BUILD)/variant-layout/slash64d
	@ln -sfn ../variant-layout $(MISTAKEN)/variant-layout
	@found=0 missed=0; \
	for mistake in $(ATTACH_MISTAKES); do \
		if PLANTED=$${mistake%%:*} STEPS=all SLASH64_BUILD=$(MISTAKEN) selftests/system/attach/test_steps.py $${mistake#*:}; then \
			echo "FAILED  $${mistake%%:*} was not found"; missed=$$((missed + 1)); \
		else \
			found=$$((found + 1)); \
		fi; \
	done; \
	echo "$$found passed, $$missed failed"; [ $$missed -eq 0 ]
