#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs every fuzzer over all kept inputs, and for a few seconds more. `make fuzz` runs longer.
if [ -n "${SLASH64_BUILD:-}" ]; then
	echo "skipped: the fuzzers have a build of their own, with sanitizers, and need no other"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
exec "$(dirname "$0")/run.sh" "${FUZZ_SECONDS:-8}"
