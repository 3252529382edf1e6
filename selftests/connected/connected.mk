# SPDX-License-Identifier: GPL-2.0-only
# Tests with the programs that slash64 is connected to, as Debian has them.

.PHONY: check-connected
check-connected:
	@scripts/deps.sh connected && $(call run_tests,selftests/connected/$(TESTS))
