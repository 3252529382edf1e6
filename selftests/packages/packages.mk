# SPDX-License-Identifier: GPL-2.0-only
# make check-packages               the Debian packages: built twice, looked at by lintian, and installed, upgraded, removed and
#                                   purged by piuparts and in a clean system that is booted for it; and the container
#   make check-packages SUITE=trixie  built and tried in that Debian

.PHONY: check-packages
check-packages:
	@scripts/deps.sh build packages
	@selftests/packages/check.sh $(SUITE)

# make check-evening                the README's first steps in a clean Debian, timed: a filter in monitor mode in five minutes
.PHONY: check-evening
check-evening:
	@scripts/deps.sh debian
	@selftests/packages/first_evening.sh $(SUITE)
