# SPDX-License-Identifier: GPL-2.0-only
#
#   make check-attach    slash64d killed before every step of attaching, here; make check-vm has a share of it in the guests

$(BUILD)/stepper: selftests/attach/stepper.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(CFLAGS) -o $@ $<

.PHONY: check-attach
check-attach:
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory -j$$(nproc) what-tests-need
	@STEPS=all SLASH64_BUILD=$(BUILD) selftests/attach/test_steps.py
