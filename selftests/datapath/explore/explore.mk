# SPDX-License-Identifier: GPL-2.0-only
# The explorer of interleavings: the fast path and its writers, with their accesses to shared memory
# as calls.

EXPLORE_CFLAGS := -DS64_ACCESS_HEADER='"explore/access.h"' -DS64_SAMPLE_SLOTS=4 -Iselftests/datapath

EXPLORE_SOURCES := selftests/datapath/explore/test_explore.c $(call test_sources,selftests/datapath/explore/test_explore.c)
EXPLORE_HEADERS := $(wildcard selftests/datapath/explore/*.h bpf/*.h bpf/extras/*.h headers/slash64/*.h)

# An object for each source: two of them are called samples.c, and would overwrite each other's counters of lines.
EXPLORE_OBJECTS := $(patsubst %.c,$(BUILD)/explore/%.o,$(EXPLORE_SOURCES))

$(BUILD)/explore/%.o: %.c $(EXPLORE_HEADERS) selftests/datapath/explore/explore.mk | $(SKELETONS)
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(EXPLORE_CFLAGS) $(TEST_CFLAGS) -MMD -MP -c $< -o $@

$(EXPLORE): $(EXPLORE_OBJECTS)
	@mkdir -p $(@D)
	@echo '  TEST  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(call pkg,libbpf yaml-0.1 jansson) -lm

-include $(EXPLORE_OBJECTS:.o=.d)

# The same with a mistake in it.

$(BUILD)/selftests/datapath/explore-%: $(EXPLORE_SOURCES) $(EXPLORE_HEADERS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(EXPLORE_CFLAGS) -DS64_MISTAKE_$*=1 $(TEST_CFLAGS) -o $@ \
		$(EXPLORE_SOURCES) -lcmocka $(call pkg,libbpf yaml-0.1) -lm

# Long checks: every mistake of the list is found; many more interleavings.
.PHONY: explore-mistakes
explore-mistakes:
	@selftests/datapath/explore/mistakes.sh $(BUILD) $(MISTAKES)

.PHONY: explore
explore: EFFORT ?= 50
explore: $(EXPLORE)
	@EXPLORE_EFFORT=$(EFFORT) $(EXPLORE)
