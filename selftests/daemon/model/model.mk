# SPDX-License-Identifier: GPL-2.0-only
# The model: slash64d's own objects, except for those that talk to the kernel, in a simulated world.

MODEL := $(BUILD)/selftests/daemon/model/model
MODEL_SOURCES := $(wildcard selftests/daemon/model/*.c selftests/daemon/model/*/*.c)
MODEL_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(MODEL_SOURCES))

# Functions that kernel.c or world.c replace.
MODEL_WITHOUT := $(addprefix user/,base/journal.c base/log.c maps/jiffies.c maps/packets_wait.c kernel/kernel_dump.c kernel/logins.c) \
	$(wildcard user/daemon/attach/xdp/*.c user/daemon/attach/xdp/dispatcher/*.c) \
	$(addprefix user/daemon/,main.c api/http/refusals.c sandbox.c privileges.c loop/priority.c \
	guards/next_hops.c blackholes/writer.c netlink/link_master.c netlink/segments.c)
MODEL_PRODUCT := $(call objects,$(filter-out $(MODEL_WITHOUT),$(COMMON_SOURCES) $(DAEMON_SOURCES)))

# Each life is a fork: symbols bound in the parent need not be bound again.
MODEL_LDFLAGS := -Wl,-z,now

# Replaced functions of libraries: kernel_wraps.h, client_wraps.h, main_wraps.h.
model_wraps = $(shell sed -n 's/.*__wrap_\([a-z0-9_]*\).*/-Wl,--wrap=\1/p' selftests/daemon/model/*_wraps.h selftests/daemon/model/kernel/*_wraps.h)

$(BUILD)/selftests/daemon/model/%.o: ALL_CFLAGS += -Wno-missing-prototypes
$(BUILD)/selftests/daemon/model/slash64d_main.o: user/daemon/main.c Makefile | $(SKELETONS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -Dmain=slash64d_main -MMD -MP -c $< -o $@

$(MODEL): $(MODEL_OBJECTS) $(BUILD)/selftests/daemon/model/slash64d_main.o $(MODEL_PRODUCT)
	@echo '  TEST  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) $(model_wraps) $(MODEL_LDFLAGS) -o $@ $^ $(call pkg,$(DAEMON_PACKAGES)) -lm

# The same with a mistake of selftests/daemon/model/mistakes.
$(BUILD)/selftests/daemon/model/model-%: $(MODEL)
	@mkdir -p $(BUILD)/selftests/daemon/model/mistake-$*
	$(Q)for source in $$(grep -rl --include='*.c' 'S64_MISTAKE($*)' user); do \
		object=$(BUILD)/selftests/daemon/model/mistake-$*/$${source%.c}.o; mkdir -p $$(dirname $$object); \
		$(CC) $(ALL_CFLAGS) -DS64_MISTAKE_$*=1 -c $$source -o $$object || exit 1; \
	done
	$(Q)$(CC) $(ALL_LDFLAGS) $(model_wraps) $(MODEL_LDFLAGS) -o $@ $$(find $(BUILD)/selftests/daemon/model/mistake-$* -name "*.o") \
		$(MODEL_OBJECTS) $(BUILD)/selftests/daemon/model/slash64d_main.o \
		$$(for object in $(MODEL_PRODUCT); do \
			test -e $(BUILD)/selftests/daemon/model/mistake-$*/$${object#$(BUILD)/} || echo $$object; done) \
		$(call pkg,$(DAEMON_PACKAGES)) -lm

.PHONY: model
model: SEED ?= $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
model: STEPS ?= 1000000
model: $(MODEL)
	@echo 'seed $(SEED)'
	@$(MODEL) --seed $(SEED) --steps $(STEPS)

# Long checks: every mistake of the list is found.
.PHONY: model-mistakes
model-mistakes: $(MODEL)
	@selftests/daemon/model/mistakes.sh $(BUILD) $(MISTAKES)
