# SPDX-License-Identifier: GPL-2.0-only
# The explorer of interleavings: the fast path and its writers, with their accesses to shared memory as calls.

EXPLORE := $(BUILD)/selftests/unit/test_explore
EXPLORE_CFLAGS := -DS64_ACCESS_HEADER='"explore/access.h"' -DS64_SAMPLE_SLOTS=4 -Iselftests/unit

$(EXPLORE): CFLAGS += $(EXPLORE_CFLAGS)
$(EXPLORE): $(wildcard selftests/unit/explore/*.h)
