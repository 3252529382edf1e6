# SPDX-License-Identifier: GPL-2.0-only
# make check-vm                  the tests of selftests/vm/tests, under other kernels, emulated
#   make check-vm VM_TESTS=modes   those whose line contains the word
#   make check-vm SUITES=bookworm  only under the kernel of that Debian suite
#   make check-vm VM_TESTS=test_steps STEPS=all SECONDS_EACH=40000
#                                  slash64d killed before every step of attaching, with a short program: an
#                                  hour if each guest has a CPU; SHARE=1/4 is a quarter of it, and OTHERS=one
#                                  a ninth of what others do meanwhile (selftests/system/attach/test_steps.py)
# make check-arm64               cross-built: the unit tests on an emulated CPU, and selftests/vm/tests-arm64 under Debian's
#                                kernel for arm64
#   make check-arm64 VM_TESTS=capture  those whose path contains the word

SUITES ?= bookworm bookworm-backports

$(BUILD)/tsc_khz: selftests/vm/tsc_khz.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $<

.PHONY: check-vm
check-vm:
	@scripts/deps.sh build test vm
	@$(MAKE) --no-print-directory -j$$(nproc) what-tests-need $(BUILD)/tsc_khz $(if $(STEPS),short-programs)
	@$(if $(STEPS),PROGRAM=short) selftests/vm/run.sh $(BUILD) "$(SUITES)" $(VM_TESTS)

.PHONY: check-arm64
check-arm64:
	@scripts/deps.sh arm64
	@selftests/vm/arm64.sh $(BUILD)/arm64 $(VM_TESTS)
