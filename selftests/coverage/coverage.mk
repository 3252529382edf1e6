# SPDX-License-Identifier: GPL-2.0-only
# Line coverage of the tests, for user space and for the natively built packet path; and all tests
# once more with every memory access checked. Each has a build of its own.

COVERAGE_BUILD := $(CURDIR)/build/coverage
SANITIZED_BUILD := $(CURDIR)/build/sanitized
# Both write files of their own at the end, and check their own memory.
UNCONFINED := -DSLASH64_UNCONFINED
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

# A slash64d that a test kills has written its counters before.
ifdef COVERAGE
$(BUILD)/slash64d: $(call objects,selftests/coverage/flush.c)
endif

# TESTS=limit runs those whose path contains the word.
.PHONY: coverage
coverage:
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(COVERAGE_BUILD) COVERAGE=1 CFLAGS="-O0 -g" WERROR=-Werror \
		EXTRA_CFLAGS='--coverage $(UNCONFINED)' EXTRA_LDFLAGS=--coverage what-tests-need
	@# there beforehand, for a test that gives up root to write to
	@find $(COVERAGE_BUILD) -name '*.gcno' | sed 's/gcno$$/gcda/' | xargs -n 1 install -m 666 /dev/null
	@SLASH64_BUILD=$(COVERAGE_BUILD) selftests/run.sh $(TESTS); tested=$$?; \
		selftests/coverage/report.py $(COVERAGE_BUILD) && exit $$tested

.PHONY: check-asan
check-asan:
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=$(SANITIZED_BUILD) CFLAGS="-O1 -g -fstack-protector-strong" WERROR=-Werror \
		EXTRA_CFLAGS='$(SANITIZE) $(UNCONFINED)' EXTRA_LDFLAGS='$(SANITIZE)' what-tests-need
	@SLASH64_BUILD=$(SANITIZED_BUILD) selftests/run.sh $(TESTS)
