# SPDX-License-Identifier: GPL-2.0-only
# Checks of the sources that do not run them. The checks are selftests/lint/test_*; clang-tidy runs
# here, one file at a time, so that only changed files are checked again.

TIDY := $(patsubst %.c,$(BUILD)/tidy/%.ok,$(COMMON_SOURCES) $(DAEMON_SOURCES) $(CLI_SOURCES))

$(BUILD)/tidy/%.ok: %.c $(BUILD)/%.o .clang-tidy
	@mkdir -p $(@D)
	@echo '  TIDY  $<'
	$(Q)clang-tidy --quiet $< -- $(OWN_CPPFLAGS) -std=gnu11 2>$@.log || { cat $@.log; exit 1; }
	@touch $@

.PHONY: tidy
tidy: $(TIDY)

.PHONY: lint
# The benchmark is no part of any test, so it is built here.
lint:
	@scripts/deps.sh build test lint
	@$(MAKE) --no-print-directory -j$$(nproc) all man units tidy $(BUILD)/policy_doc $(BUILD)/slash64-bench
	@selftests/run.sh lint/

# With the version of clang-format that the tree is formatted with; test_format.py names it.
.PHONY: format
format:
	@scripts/deps.sh lint
	@selftests/lint/test_format.py --write

# For editors: the compile command of each file.
.PHONY: compile_commands.json
compile_commands.json: $(SKELETONS)
	@echo '  GEN   $@'
	$(Q)$(MAKE) -Bn V=1 all unit-tests | scripts/compile_commands.py > $@
