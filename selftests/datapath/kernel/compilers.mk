# SPDX-License-Identifier: GPL-2.0-only
# The objects of the program, built by each of Debian's clang versions that is installed here.

COMPILERS := 14 16 19
COMPILED := $(foreach v,$(COMPILERS),$(if $(shell command -v clang-$(v)),\
	$(BUILD)/clang-$(v)/slash64.bpf.o $(BUILD)/clang-$(v)/instrumented.bpf.o))

define compiled_by
$(BUILD)/clang-$(1)/%.bpf.o: bpf/%.bpf.c bpf/slash64.bpf.c $(wildcard bpf/*.h bpf/extras/*.h) $(wildcard headers/slash64/*.h) Makefile
	@mkdir -p $$(@D)
	@echo '  BPF   $$@'
	$(Q)clang-$(1) $(BPF_CFLAGS) -c $$< -o $$@
endef
$(foreach v,$(COMPILERS),$(eval $(call compiled_by,$(v))))

.PHONY: compiled
compiled: $(COMPILED)
