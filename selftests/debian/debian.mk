# SPDX-License-Identifier: GPL-2.0-only
# make check-debian              'make run' and every test, in a clean Debian 13, then in a clean Debian 12
#   make check-debian SUITE=trixie only in that one; TESTS=limit: tests whose path contains the word

.PHONY: check-debian
check-debian:
	@scripts/deps.sh debian
	@for suite in $(or $(SUITE),trixie bookworm); do selftests/debian/check.sh $$suite $(TESTS) || exit 1; done
