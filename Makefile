# SPDX-License-Identifier: GPL-2.0-only
#
#   make            build build/slash64d, build/slash64, build/slash64-notify, and the adapters
#   make run        install what is missing, build, run: on IFACE, or in a demo without it
#   make check      install what is missing, build, run every test; TESTS=limit: those whose path contains the word
#   make check-unit, make check-datapath, make check-system
#                   the tests of user/ module by module; of the packet path; of the programs
#   make check-connected  with CrowdSec, fail2ban, BIRD, FRR, ExaBGP, GoBGP, rsyslog and exim of Debian; TESTS=test_rtbh: that file
#   make check-long what of the tests may take longer, at length: soak, churn, kills, upgrades, valgrind, fuzzers, the model
#   make coverage   which lines the tests run
#   make check-asan every test, with accesses to memory checked
#   make fuzz       hostile input for SECONDS (600) a fuzzer; FUZZ=packet for that one
#   make check-attach  slash64d killed before every step of attaching; make check-attach-finds: planted mistakes are found
#   make check-vm   some of them under the kernels of Debian 12 and its backports, emulated
#   make check-arm64  the unit tests, and those of the program, on an emulated arm64
#   make check-debian  'make run' and every test in a clean Debian 13, and in a clean Debian 12; SUITE=trixie for that one
#   make check-packages  the Debian packages: built twice, looked at, installed, upgraded, removed, purged; SUITE=trixie: in that Debian
#   make check-evening   what a stranger does by the README, in a clean Debian, timed: a filter in monitor mode in five minutes
#   make explore    interleavings of several CPUs, EFFORT (50) times as many as check; make explore-mistakes
#   make model      a model of slash64d, STEPS (1000000) random steps from SEED on; make model-mistakes
#   make bench      measure
#   make install    into DESTDIR and PREFIX
#   make dist       the sources as one file, in build/dist
#   make sbom       the bill of materials of the Debian packages (SPDX), in build/dist
#   make rpm        the RPM packages, in build/rpm
#   make deb        the Debian packages, in build/deb; ARCH=arm64 for that machine
#   make deps       install what building, running and testing need (Debian)
#   make lint       what can be said of the sources without running them: format, direction, scripts, documents, spelling
#   make format     format all C as .clang-format says
#   make compile_commands.json  for editors
#   make docs       the tables of docs/policy.md, from the code
#   make po         the texts to be translated, from the code, into user/cli/po
#   make screenshots  the pictures of the page in docs/images
#   make man        the manual pages
#   make clean      remove what was built
#   make help       this
#
# CC, CLANG, CFLAGS, CPPFLAGS and LDFLAGS are respected; V=1 shows the commands.

VERSION := 0.2.0
PREFIX ?= /usr/local
BUILD := build

Q := $(if $(V),,@)

ifeq ($(origin CC),default)
CC := gcc
endif
CLANG ?= clang
BPFTOOL ?= $(shell command -v bpftool || echo /usr/sbin/bpftool)

PACKAGES := libbpf libxdp libevent sqlite3 yaml-0.1 jansson libmnl libcap libseccomp libsystemd libpcap libcurl ncursesw nettle uuid
DAEMON_PACKAGES := libbpf libxdp libevent sqlite3 yaml-0.1 jansson libmnl libcap libseccomp libsystemd
CLI_PACKAGES := libbpf yaml-0.1 jansson libcurl libmnl libpcap libsystemd ncursesw nettle uuid
NOTIFY_PACKAGES := libbpf libevent sqlite3 yaml-0.1 jansson libcurl libsystemd
ADAPTER_PACKAGES := libbpf libevent yaml-0.1 jansson libcurl libsystemd libmnl
# CFLAGS, CPPFLAGS and LDFLAGS belong to whoever builds, from the environment or the command line. What the project itself
# needs comes beside them, and before them, so that theirs count. Warnings are errors as long as nobody brings flags.
PKG_CONFIG ?= pkg-config
WERROR ?= $(if $(filter file,$(origin CFLAGS)),-Werror)
CFLAGS ?= -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
OWN_CPPFLAGS := -D_GNU_SOURCE -Iheaders -Iuser -I$(BUILD) -DSLASH64_VERSION='"$(VERSION)"'
# The same binaries, whatever the folder is called that they are built in.
SAME_ANYWHERE := -ffile-prefix-map=$(CURDIR)=.
OWN_CFLAGS := -std=gnu11 $(SAME_ANYWHERE) -Wall -Wextra $(WERROR) -Wno-unused-parameter -Wmissing-prototypes -Wstrict-prototypes -Wshadow
ALL_CFLAGS := $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS) $(EXTRA_CFLAGS)
ALL_LDFLAGS := -Wl,-z,relro,-z,now $(CFLAGS) $(LDFLAGS) $(EXTRA_LDFLAGS)
MULTIARCH := $(shell $(CC) -print-multiarch)
BPF_CFLAGS := -O2 -g -Wall -Wextra -Werror -target bpf -mcpu=v3 $(SAME_ANYWHERE) -Iheaders \
	-I/usr/include/$(MULTIARCH) $(if $(filter x86_64-% i386-%,$(MULTIARCH)),-DS64_MEMORY_IN_ORDER) \
	$(BPF_EXTRA_CFLAGS)

# Of the machine that is built for, which is the CPU's of the program in the kernel too.
ifneq ($(filter __ORDER_BIG_ENDIAN__,$(shell $(CC) $(CPPFLAGS) $(CFLAGS) -dM -E -x c /dev/null 2>/dev/null | grep __BYTE_ORDER__)),)
$(error slash64 is written for little-endian machines, and $(CC) builds for a big-endian one)
endif

pkg = $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null)

# A source belongs to the daemon (user/daemon), to the command line (user/cli), or to both (user).
COMMON_SOURCES := $(foreach room,base net maps policy feed detect registry config,$(wildcard user/$(room)/*.c user/$(room)/*/*.c))
# What the kernel knows, and a configuration held against it: for both, and for nobody else.
KERNEL_SOURCES := $(wildcard user/kernel/*.c)
DAEMON_SOURCES := $(KERNEL_SOURCES) $(sort $(shell find user/daemon -name '*.c'))
# What speaks to slash64d.
CLIENT_SOURCES := $(wildcard user/client/*.c)
# What all programs beside slash64d and slash64 need, and what the adapters share.
SERVICE_SOURCES := $(CLIENT_SOURCES) $(wildcard user/service/*.c)
NOTIFY_SOURCES := $(SERVICE_SOURCES) $(wildcard user/notify/*.c)
ADAPTER_SOURCES := $(SERVICE_SOURCES) $(wildcard user/adapters/*.c user/adapters/set/*.c)
# An adapter is a folder of user/adapters with a main.c.
ADAPTERS := $(patsubst user/adapters/%/main.c,%,$(wildcard user/adapters/*/main.c))
ADAPTER_PROGRAMS := $(patsubst %,$(BUILD)/slash64-%,$(ADAPTERS))
CLI_SOURCES := $(KERNEL_SOURCES) $(CLIENT_SOURCES) $(wildcard user/replay/*.c user/cli/*.c user/cli/*/*.c user/cli/*/*/*.c)

objects = $(patsubst %.c,$(BUILD)/%.o,$(1))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all
all: $(BUILD)/slash64d $(BUILD)/slash64 $(BUILD)/slash64-notify $(ADAPTER_PROGRAMS) catalogues

# The languages of the command beside English: a file of user/cli/po each.
LANGUAGES := $(patsubst user/cli/po/%.po,%,$(wildcard user/cli/po/*.po))
CATALOGUES := $(LANGUAGES:%=$(BUILD)/locale/%/LC_MESSAGES/slash64.mo)

.PHONY: catalogues
catalogues: $(CATALOGUES)

$(CATALOGUES): $(BUILD)/locale/%/LC_MESSAGES/slash64.mo: user/cli/po/%.po
	@mkdir -p $(@D)
	@echo '  MO    $@'
	$(Q)msgfmt --check -o $@ $<

.PHONY: po
po:
	$(Q)scripts/po.py

$(BUILD)/slash64d: $(call objects,$(COMMON_SOURCES) $(DAEMON_SOURCES))
	@echo '  LD    $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,$(DAEMON_PACKAGES)) -lm

$(BUILD)/slash64: $(call objects,$(COMMON_SOURCES) $(CLI_SOURCES))
	@echo '  LD    $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,$(CLI_PACKAGES)) -lm

$(BUILD)/slash64-notify: $(call objects,$(COMMON_SOURCES) $(NOTIFY_SOURCES))
	@echo '  LD    $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,$(NOTIFY_PACKAGES)) -lpthread -lm

$(BUILD)/%.bpf.o: bpf/%.bpf.c bpf/slash64.bpf.c $(wildcard bpf/*.h bpf/extras/*.h) $(wildcard headers/slash64/*.h) Makefile
	@mkdir -p $(@D)
	@echo '  BPF   $@'
	$(Q)$(CLANG) $(BPF_CFLAGS) $(BPF_CFLAGS_$*) -c $< -o $@

$(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	@echo '  SKEL  $@'
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@.tmp && mv $@.tmp $@

SKELETONS := $(BUILD)/slash64.skel.h $(BUILD)/instrumented.skel.h $(BUILD)/jiffies.skel.h $(BUILD)/dispatcher.skel.h $(BUILD)/proof.skel.h

$(BUILD)/%.o: %.c Makefile | $(SKELETONS)
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# The compiler does not tell what an assembler includes.
$(BUILD)/user/cli/lib/report/notice.o: $(wildcard user/cli/lib/report/templates/*.txt)
$(BUILD)/user/cli/lib/init/draft.o: docs/examples/slash64.yaml
# Where Debian has it; another folder with dygraph.min.js and dygraph.min.css elsewhere.
DYGRAPHS ?= /usr/share/javascript/dygraphs
$(BUILD)/user/daemon/page/assets.o: ALL_CFLAGS += -DDYGRAPHS='"$(DYGRAPHS)/"'
$(BUILD)/user/daemon/page/assets.o: $(wildcard user/daemon/page/assets/*) $(DYGRAPHS)/dygraph.min.js $(DYGRAPHS)/dygraph.min.css

-include $(wildcard $(BUILD)/user/*/*.d $(BUILD)/user/*/*/*.d $(BUILD)/user/*/*/*/*.d $(BUILD)/user/*/*/*/*/*.d \
	$(BUILD)/selftests/*/*.d $(BUILD)/selftests/*/*/*.d $(BUILD)/selftests/*/*/*/*.d $(BUILD)/selftests/*/*/*/*/*.d)

# A test in C is a program. Its LINK: line names the sources it is linked with; one without such a line takes what it needs from
# an archive of slash64d or slash64 without main().
C_TESTS := $(shell find selftests -name 'test_*.c')
LINKED_TESTS := $(shell grep -l '^/[*] LINK: ' $(C_TESTS))
EXPLORE := $(BUILD)/selftests/datapath/explore/test_explore
WHOLE_TESTS := $(filter-out $(LINKED_TESTS),$(C_TESTS))
UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(C_TESTS))
TEST_CFLAGS := -Iselftests/lib -Wno-missing-prototypes -Wno-shadow
TEST_HEADERS := $(wildcard bpf/*.h bpf/extras/*.h headers/slash64/*.h selftests/lib/*.h selftests/datapath/*.h selftests/datapath/*/*.h selftests/daemon/*.h selftests/unit/*/*.h selftests/unit/*/*/*.h)
test_sources = $(shell sed -n 's|^/[*] LINK: \(.*\) [*]/|\1|p' $(1))

.SECONDEXPANSION:
$(ADAPTER_PROGRAMS): $(BUILD)/slash64-%: $(call objects,$(COMMON_SOURCES) $(ADAPTER_SOURCES)) \
		$$(call objects,$$(wildcard user/adapters/$$*/*.c))
	@echo '  LD    $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,$(ADAPTER_PACKAGES)) -lpthread -lm

$(filter-out $(EXPLORE),$(patsubst %.c,$(BUILD)/%,$(LINKED_TESTS))): $(BUILD)/%: %.c \
		$$(call objects,$$(call test_sources,%.c)) $(TEST_HEADERS)
	@mkdir -p $(@D)
	@echo '  TEST  $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(TEST_CFLAGS) -o $@ $(filter %.c %.o,$^) -lcmocka \
		$(call pkg,libbpf sqlite3 yaml-0.1 jansson libcurl libevent) -lpthread -lm

archive = @rm -f $@ && $(AR) qc $@ $^ && $(AR) s $@

$(BUILD)/slash64d.a: $(call objects,$(COMMON_SOURCES) user/replay/runner.c $(filter-out user/daemon/main.c,$(DAEMON_SOURCES)))
	$(archive)

$(BUILD)/slash64.a: $(call objects,$(COMMON_SOURCES) $(filter-out user/cli/main.c,$(CLI_SOURCES)))
	$(archive)

$(BUILD)/slash64-notify.a: $(call objects,$(COMMON_SOURCES) $(filter-out user/notify/main.c,$(NOTIFY_SOURCES)))
	$(archive)

$(BUILD)/slash64-adapters.a: $(call objects,$(COMMON_SOURCES) $(ADAPTER_SOURCES) $(filter-out %/main.c,$(wildcard user/adapters/*/*.c)))
	$(archive)

# compiled on its own, so that a change of user/ costs a link
$(patsubst %.c,$(BUILD)/%.o,$(WHOLE_TESTS)): $(BUILD)/%.o: %.c $(TEST_HEADERS) Makefile | $(SKELETONS)
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) $(TEST_CFLAGS) -MMD -MP -c $< -o $@

$(patsubst %.c,$(BUILD)/%,$(WHOLE_TESTS)): $(BUILD)/%: $(BUILD)/%.o \
		$$(BUILD)/$$(if $$(findstring /unit/notify/,$$@),slash64-notify,$$(if $$(findstring /unit/adapters/,$$@)$$(findstring /unit/service/,$$@),slash64-adapters,$$(if $$(findstring /unit/cli/,$$@)$$(findstring /unit/client/,$$@)$$(findstring /unit/replay/,$$@),slash64,slash64d))).a
	@echo '  TEST  $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(call pkg,$(sort $(DAEMON_PACKAGES) $(CLI_PACKAGES) $(NOTIFY_PACKAGES) $(ADAPTER_PACKAGES))) -lm

$(BUILD)/flood: selftests/lib/flood.c $(wildcard headers/slash64/*.h)
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $< $(call pkg,libbpf)

$(BUILD)/streams: selftests/lib/streams.c
	@mkdir -p $(@D)
	@echo '  CC    $@'
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $<

.PHONY: help
help:
	@sed -n '1,/^$$/ { /^# SPDX/d; s/^# \{0,1\}//p }' Makefile

.PHONY: unit-tests
unit-tests: $(UNIT_TESTS)

.PHONY: run
run:
	@scripts/run.sh $(if $(IFACE),"$(IFACE)")

# Builds what some tests need and no more, and runs them: those whose path contains one of the words, or all.
run_tests = scripts/deps.sh build test && \
	$(MAKE) --no-print-directory -j$$(nproc) $$(selftests/run.sh --needs $(1)) && selftests/run.sh $(1)

# TESTS=limit runs those whose path contains the word.
.PHONY: check check-unit check-datapath check-system check-long
check:
	@$(call run_tests,$(TESTS))

check-unit:
	@$(call run_tests,selftests/unit/)

check-datapath:
	@$(call run_tests,selftests/datapath/)

check-system:
	@$(call run_tests,selftests/cli/ selftests/daemon/ selftests/system/)

check-long:
	@$(call run_tests,--long $(TESTS))

.PHONY: what-tests-need
what-tests-need: all man unit-tests variants compiled $(BUILD)/selftests/daemon/model/model $(BUILD)/flood $(BUILD)/streams $(BUILD)/stepper $(BUILD)/attached $(BUILD)/fail_at_call.so \
	$(BUILD)/stepped_clock.so $(BUILD)/lazy_store.so $(BUILD)/turn_watch.so \
	$(BUILD)/kill_at_call.so $(BUILD)/unreadable_store.so $(BUILD)/policy_doc units

.PHONY: deps
deps:
	@scripts/deps.sh build test

MAN := $(patsubst docs/man/%.scd,$(BUILD)/%,$(wildcard docs/man/*.scd))

.PHONY: man
man: $(MAN)

$(BUILD)/%: docs/man/%.scd
	@mkdir -p $(@D)
	@echo '  MAN   $@'
	$(Q)scdoc < $< > $@

$(BUILD)/policy_doc: $(BUILD)/user/tools/policy_doc.o $(call objects,$(COMMON_SOURCES))
	@echo '  LD    $@'
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(call pkg,libbpf yaml-0.1 jansson) -lm

# It names where the programs are: another PREFIX makes another one. What it was made for last is in a file beside it.
$(BUILD)/prefix: always
	@mkdir -p $(@D)
	$(Q)echo '$(PREFIX)' | cmp -s - $@ || echo '$(PREFIX)' > $@

.PHONY: always
always:

UNITS := $(patsubst scripts/%.in,$(BUILD)/%,$(wildcard scripts/*.service.in))

.PHONY: units
units: $(UNITS)

$(UNITS): $(BUILD)/%.service: scripts/%.service.in scripts/hardening.inc $(BUILD)/prefix Makefile
	@mkdir -p $(@D)
	$(Q)sed -e '/^@HARDENING@$$/{r scripts/hardening.inc' -e 'd}' -e 's|@SBINDIR@|$(PREFIX)/sbin|; s|@BINDIR@|$(PREFIX)/bin|' $< > $@

# The maps of docs/policy.md, from the lists the programs are made of.
.PHONY: docs
docs: $(BUILD)/policy_doc
	$(Q)sed -i '/^<!-- the maps below/q' docs/policy.md && \
		{ echo; $(BUILD)/policy_doc; } >> docs/policy.md

# Where zsh looks: Debian's packages have a folder of their own (debian/rules).
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions

.PHONY: install
install: all man $(UNITS)
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/sbin $(BUILD)/slash64d
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(BUILD)/slash64 $(BUILD)/slash64-notify $(ADAPTER_PROGRAMS)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 $(filter %.8,$(MAN))
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man5 $(filter %.5,$(MAN))
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/systemd/system $(UNITS) $(wildcard scripts/*.timer)
	install -D -m 644 scripts/slash64-flowspec.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/slash64-flowspec.conf
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/slash64 docs/api.md docs/api.schema.json docs/policy.md docs/operations.md docs/fleet.md docs/adapters.md
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/slash64/images $(wildcard docs/images/*)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/slash64/dashboards $(wildcard docs/dashboards/*)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/slash64/examples $(wildcard docs/examples/*)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/slash64/report $(wildcard user/cli/lib/report/templates/*)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/slash64/fail2ban/action.d $(wildcard scripts/fail2ban/action.d/*)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/slash64/fail2ban/filter.d $(wildcard scripts/fail2ban/filter.d/*)
	for language in $(LANGUAGES); do \
		install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/locale/$$language/LC_MESSAGES \
			$(BUILD)/locale/$$language/LC_MESSAGES/slash64.mo || exit 1; \
	done
	install -D -m 644 scripts/completion/slash64.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/slash64
	for program in notify $(ADAPTERS); do \
		install -D -m 644 scripts/completion/slash64-services.bash \
			$(DESTDIR)$(PREFIX)/share/bash-completion/completions/slash64-$$program || exit 1; \
	done
	install -D -m 644 -t $(DESTDIR)$(ZSHDIR) scripts/completion/_slash64
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d scripts/completion/slash64.fish

.PHONY: deb
deb:
	@scripts/deps.sh $(if $(filter-out $(shell dpkg --print-architecture),$(ARCH)),debian,build deb)
	@scripts/dist/deb.sh $(ARCH)

.PHONY: dist
dist:
	@scripts/dist/tarball.sh

# Of the Debian packages.
.PHONY: sbom
sbom: deb
	@scripts/dist/sbom.py $(BUILD)/dist/slash64-$(VERSION).spdx.json

.PHONY: rpm
rpm:
	@scripts/deps.sh build rpm
	@scripts/dist/rpm.sh

.PHONY: clean
clean:
	rm -rf $(BUILD)

# Longer rules, each beside what it builds.
-include $(wildcard selftests/*/*.mk selftests/*/*/*.mk)
