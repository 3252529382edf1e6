# SPDX-License-Identifier: GPL-2.0-only
# Fuzzers: the sources once more, built by clang with its sanitizers. A fuzz_WORD.c is a target,
# build/fuzz/WORD.

FUZZ_BUILD := $(BUILD)/fuzz
FUZZ_TARGETS := $(patsubst selftests/fuzz/fuzz_%.c,$(FUZZ_BUILD)/%,$(wildcard selftests/fuzz/fuzz_*.c))

# The datapath reads unaligned words, as BPF may, so alignment is not checked; nor that an empty
# array that is sorted, copied or iterated over is not NULL.
FUZZ_CFLAGS := $(OWN_CPPFLAGS) $(filter-out -Werror,$(OWN_CFLAGS)) -O1 -g \
	-fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize=alignment,nonnull-attribute \
	-fno-sanitize-recover=undefined

# An archive, from which a target takes what it calls.
FUZZ_SOURCES := $(COMMON_SOURCES) $(filter-out user/daemon/main.c,$(DAEMON_SOURCES)) user/replay/capture.c user/cli/lib/report/template.c \
	user/cli/lib/capture/rings.c user/cli/lib/capture/comments.c user/cli/lib/capture/pcapng.c \
	user/adapters/set/key.c user/adapters/crowdsec/stream.c user/adapters/follow/event.c user/adapters/flowspec/decode.c
FUZZ_OBJECTS := $(patsubst %.c,$(FUZZ_BUILD)/%.o,$(FUZZ_SOURCES))

$(FUZZ_BUILD)/user/%.o: user/%.c selftests/fuzz/fuzz.mk | $(SKELETONS)
	@mkdir -p $(@D)
	@echo '  FUZZ  $@'
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fno-sanitize=pointer-overflow -fsanitize=fuzzer-no-link -MMD -MP -c $< -o $@

$(FUZZ_BUILD)/slash64.a: $(FUZZ_OBJECTS)
	$(Q)rm -f $@ && ar rcs $@ $^

$(FUZZ_TARGETS): $(FUZZ_BUILD)/%: selftests/fuzz/fuzz_%.c $(FUZZ_BUILD)/slash64.a \
		$(wildcard selftests/fuzz/*.h selftests/lib/native.h bpf/*.h bpf/extras/*.h headers/slash64/*.h)
	@echo '  FUZZ  $@'
	$(Q)$(CLANG) $(FUZZ_CFLAGS) $(TEST_CFLAGS) -Wno-unused-function \
		-fsanitize=fuzzer -o $@ $< \
		$(FUZZ_BUILD)/slash64.a -lcmocka \
		$(call pkg,$(DAEMON_PACKAGES) libpcap) -lm

-include $(FUZZ_OBJECTS:.o=.d)

.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_TARGETS)

# FUZZ=packet selects targets whose name contains the word, SECONDS is the time for each.
.PHONY: fuzz
fuzz: SECONDS ?= 600
fuzz:
	@scripts/deps.sh build test
	@$(MAKE) --no-print-directory -j$$(nproc) fuzz-targets
	@selftests/fuzz/run.sh $(SECONDS) $(FUZZ)
