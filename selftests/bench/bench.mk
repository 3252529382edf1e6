# SPDX-License-Identifier: GPL-2.0-only
# The benchmark: programs of its own in the kernel, next to the measured one.

BENCH_SKELETONS := $(patsubst selftests/bench/bpf/%.bpf.c,$(BUILD)/bench/%.skel.h,$(wildcard selftests/bench/bpf/*.bpf.c))

$(BUILD)/bench/%.bpf.o: selftests/bench/bpf/%.bpf.c $(wildcard selftests/bench/bpf/*.h bpf/*.h bpf/*.c headers/slash64/*.h)
	@mkdir -p $(@D)
	@echo '  BPF   $@'
	$(Q)$(CLANG) $(BPF_CFLAGS) -Ibpf -Iselftests/bench/bpf -c $< -o $@

$(BUILD)/bench/%.skel.h: $(BUILD)/bench/%.bpf.o
	@echo '  SKEL  $@'
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@.tmp && mv $@.tmp $@

# Of the command; what it looks at is slash64d's.
BENCH_LOOK := $(addprefix user/cli/lib/capture/,rings.c comments.c pcapng.c)

$(BUILD)/slash64-bench: $(wildcard selftests/bench/*.c selftests/bench/*.h) $(BENCH_SKELETONS) \
		$(call objects,$(COMMON_SOURCES) $(BENCH_LOOK)) $(BUILD)/slash64d.a | $(SKELETONS)
	@echo '  LD    $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -I$(BUILD)/bench -Iselftests/bench/bpf -o $@ $(filter %.c %.o,$^) \
		$(BUILD)/slash64d.a $(call pkg,$(DAEMON_PACKAGES)) -lpthread -lm

# WORD=blocked runs the parts whose name contains the word.
.PHONY: bench
bench:
	@scripts/deps.sh build test bench
	@$(MAKE) --no-print-directory -j$$(nproc) all $(BUILD)/flood $(BUILD)/slash64-bench
	@selftests/bench/run.sh $(WORD)
