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

# Mistakes that have to be found, each a build flag, and the test that fails with it.
ATTACH_MISTAKES := PLANTED_LEAVE_FIRST:upgrade_to_another_program PLANTED_LEAVE_PINS:upgrade_to_another_program

.PHONY: check-attach-finds
check-attach-finds:
	@for mistake in $(ATTACH_MISTAKES); do \
		build=$(BUILD)/$${mistake%%:*}; \
		$(MAKE) --no-print-directory BUILD=$$build EXTRA_CFLAGS="-D$${mistake%%:*}" $$build/slash64d $$build/slash64 \
			$$build/stepper $$build/flood $$build/variant-program/slash64d || exit 1; \
		if STEPS=12 SLASH64_BUILD=$$build selftests/attach/test_steps.py $${mistake#*:}; then \
			echo "$${mistake%%:*} was not found"; exit 1; \
		fi; \
		echo "$${mistake%%:*} is found"; \
	done
