# SPDX-License-Identifier: MIT
#
# One makefile for everything. `make help` lists the targets; the variables that a person may set:
#   BUILD=dir         where everything goes (build)
#   VARIANT=name      release, debug, asan, tsan, cov, pgo, profile (release)
#   WERROR=1          warnings stop the build (1 in `make test`)
#   ARCH=native       for this machine alone (empty: x86-64-v2 where that exists)
#   DASHBOARD=0       a sensor without a dashboard: neither npm, h2o, libcurl nor ncurses is needed
#   DPDK=1            with --backend dpdk: libdpdk is needed (docs/capture.md)
#   USDT=0            without the probes of docs/probes.md: sys/sdt.h is not needed
#   V=1               show the commands
#   CC, CXX, CFLAGS_EXTRA, LDFLAGS_EXTRA, PREFIX, DESTDIR, BENCH_ARGS, FUZZ_SECONDS, RUN_ARGS

BUILD ?= build
VARIANT ?= release
WERROR ?= 0
ARCH ?=
DASHBOARD ?= 1
DPDK ?= 0
USDT ?= 1
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 30
OUT := $(BUILD)/$(VARIANT)
SAMPLE := tests/data/sample.pcapng

MAKEFLAGS += --no-builtin-rules --no-print-directory
# A -j on the command line wins over this one; a sub-make takes its parent's job server.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
ifeq ($(V),1)
Q :=
say = :
else
Q := @
say = printf '  %-4s %s\n'
endif

# ---- sources -------------------------------------------------------------------------------------------------------

LIB_SRCS := $(sort $(wildcard engine/*.c engine/*/*.c backends/*.c backends/*/*.c) $(if $(filter 1,$(DASHBOARD)),$(wildcard dashboard/server/*.c)))
# The source that is compiled with DPDK's flags, and what stands for it without DPDK.
DPDK_SRCS := $(addprefix backends/sources/,dpdk.c dpdk_eal.c dpdk_open.c)
LIB_SRCS := $(filter-out $(if $(filter 1,$(DPDK)),backends/sources/dpdk_absent.c,$(DPDK_SRCS)),$(LIB_SRCS))
# What netscope bench and the benchmarks share.
PERF_SHARED := $(addprefix perf/,child.c floor.c machine.c stats.c)
# What netscope bench and pktgen share.
SEND_SRCS := $(sort $(wildcard tools/send/*.c))
MAIN_SRCS := $(sort $(wildcard tools/netscope/*.c tools/netscope/*.cc tools/bench/*.c tools/extract/*.c) $(SEND_SRCS) $(PERF_SHARED) $(if $(filter 1,$(DASHBOARD)),$(wildcard tools/peers/*.c tools/top/*.c tools/ship/*.c)))
PKTGEN_SRCS := $(sort $(wildcard tools/pktgen/*.c) $(SEND_SRCS))
BENCH_SRCS := $(filter-out $(if $(filter 1,$(DPDK)),,perf/bench_dpdk.c),$(sort $(wildcard perf/*.c)))
UNIT_SRCS := $(sort $(wildcard $(addprefix tests/unit/,test_*.c */test_*.c */*/test_*.c)))
ifneq ($(DASHBOARD),1)
UNIT_SRCS := $(filter-out tests/unit/dashboard/% tests/unit/tools/peers/% tests/unit/tools/top/% tests/unit/tools/ship/%,$(UNIT_SRCS))
endif
PROPERTY_SRCS := $(sort $(wildcard tests/property/*.c))
STRESS_SRCS := $(sort $(wildcard tests/stress/*.c))
FUZZ_SRCS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
LIVE_SRCS := $(filter-out tests/live/intruder.c tests/live/dpdk_%.c,$(sort $(wildcard tests/live/*.c)))
ifneq ($(DASHBOARD),1)
FUZZ_SRCS := $(filter-out %/fuzz_history.c %/fuzz_websocket.c %/fuzz_top.c,$(FUZZ_SRCS))
endif
TEST_SRCS := $(UNIT_SRCS) $(PROPERTY_SRCS) $(STRESS_SRCS)
# tests/layers and executable files of these folders; whoever lacks the x bit is a module or data
SCRIPTS := $(shell find tests/layers tests/check tests/golden tests/property tests/live tests/cli $(if $(filter 1,$(DASHBOARD)),tests/web) -maxdepth 1 -type f -executable \
	! -name '*.c' 2>/dev/null | sort)

objs = $(patsubst %,$(OUT)/obj/%.o,$(basename $(1)))
LIB := $(OUT)/libnetscope.a
# What a program has beside main.c is an archive too, so that a unit test can link it.
MAIN_LIB := $(OUT)/libmain.a
PKTGEN_LIB := $(OUT)/libpktgen.a
PROGRAMS := $(if $(wildcard tools/netscope/main.c),$(OUT)/netscope) $(if $(wildcard tools/pktgen/main.c),$(OUT)/pktgen)
BENCH := $(if $(BENCH_SRCS),$(OUT)/bench)
TESTS := $(patsubst %.c,$(OUT)/%,$(TEST_SRCS))
FUZZERS := $(patsubst %.c,$(OUT)/%,$(FUZZ_SRCS))
# What the live tests run beside the program: they need it in the release variant only.
INTRUDER := $(OUT)/tests/live/intruder.so
# The program with DPDK, and a feeder of its rings, where libdpdk is: whatever DPDK says, tests need them.
DPDK_TESTS := $(if $(wildcard /usr/include/dpdk/rte_eal.h),$(OUT)/netscope-dpdk $(addprefix $(OUT)/tests/live/dpdk_,feed.so twice))
LIVE := $(patsubst %.c,$(OUT)/%,$(LIVE_SRCS)) $(INTRUDER)
ALL_OBJS := $(call objs,$(LIB_SRCS) $(DPDK_SRCS) $(MAIN_SRCS) $(PKTGEN_SRCS) $(BENCH_SRCS) $(TEST_SRCS) $(FUZZ_SRCS) $(LIVE_SRCS) tests/live/dpdk_twice.c)

# The page in Chromium; each of them is one `skip` line where Chromium or the page's packages are missing.
SCRIPTS += $(shell find tests/browser -maxdepth 1 -type f -executable 2>/dev/null | sort)

# ---- flags ---------------------------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wshadow -Wvla -Wpointer-arith -Wundef -Wformat=2 -Wno-unused-parameter
C_WARNINGS := -Wstrict-prototypes -Wmissing-prototypes
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif
MARCH := $(if $(ARCH),-march=$(ARCH),$(if $(filter x86_64,$(shell uname -m)),-march=x86-64-v2))
COMMON := -g -pthread -fno-omit-frame-pointer $(MARCH)
IS_GCC := $(findstring gcc,$(shell $(CC) --version 2>/dev/null | head -n 1))
# Fat objects: programs are linked with LTO, the many tests without it, from one compilation.
LTO := $(if $(IS_GCC),-flto=auto -ffat-lto-objects)
LINK_LTO := $(if $(IS_GCC),-flto=auto)
AR := $(if $(IS_GCC),gcc-ar,ar)
SANITIZED :=

# Without these gcc takes `rep stos` and `rep movs` for a record of 208 bytes and for a text of at most 255.
comma := ,
STRINGS := $(if $(IS_GCC),$(if $(filter x86_64,$(shell uname -m)),-mmemset-strategy=vector_loop:256:noalign$(comma)libcall:-1:noalign \
	-mmemcpy-strategy=unrolled_loop:256:noalign$(comma)libcall:-1:noalign))
FLAGS_release := -O3 -DNDEBUG $(STRINGS) $(LTO)
# The stages stay functions of their own, for docs/profile.md: gcc inlines what is tiny, and nothing else.
FLAGS_profile := -O3 -DNDEBUG -DNSC_STAGES_APART $(STRINGS) $(LTO) -fno-inline-functions -fno-inline-functions-called-once -fno-partial-inlining
FLAGS_debug := -Og
FLAGS_asan := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS_tsan := -O1 -fsanitize=thread
FLAGS_cov := -Og --coverage -fprofile-update=atomic
FLAGS_pgo_generate := -O3 -DNDEBUG $(STRINGS) -fprofile-generate -fprofile-update=atomic
FLAGS_pgo_use := -O3 -DNDEBUG $(STRINGS) $(LTO) -fprofile-use -fprofile-update=atomic -fprofile-partial-training -Wno-missing-profile
FLAGS_pgo := $(FLAGS_pgo_$(if $(PGO),$(PGO),use))
FLAGS_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
# Without coverage, whose counters are races themselves: run it on what the other one has found. clang does not say by
# the macro that it is ThreadSanitizer.
FLAGS_fuzz-tsan := -O1 -fsanitize=thread -D__SANITIZE_THREAD__=1
ifndef FLAGS_$(VARIANT)
$(error VARIANT is release, debug, asan, tsan, cov, pgo, profile, fuzz or fuzz-tsan, not "$(VARIANT)")
endif
ifneq ($(filter asan tsan fuzz fuzz-tsan,$(VARIANT)),)
SANITIZED := 1
endif
# Reports of sanitizers need functions and lines; what gdb needs beside would be a sixth of the compiler's time.
FLAGS := $(COMMON) $(FLAGS_$(VARIANT)) $(if $(SANITIZED),-g1)
# A unit test runs its own code once, and optimizing it would be the most expensive part of `make test`. Release keeps -O1, for the
# warnings that need it.
UNIT_FLAGS := -fno-lto $(if $(SANITIZED),-O0,-O1)
PROGRAM_LDFLAGS := $(if $(findstring -flto,$(FLAGS)),$(LINK_LTO),-fno-lto)

# libbz2 has no pkg-config file. pkg-config is asked once, when the first command needs it: `make setup` and `make help` run without it.
PACKAGES := libpcap liburcu-memb ck libcjson libcrypto zlib libzstd liblzma liblz4 libcap-ng libseccomp libmaxminddb $(if $(SANITIZED),,jemalloc)
ask = $(or $(shell pkg-config $(1) $(2)),$(error pkg-config does not know all of "$(2)": run `make setup`))
PKG_CFLAGS = $(eval PKG_CFLAGS := $(call ask,--cflags,$(PACKAGES)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(call ask,--libs,$(PACKAGES)))$(PKG_LIBS)
CHECK_LIBS = $(eval CHECK_LIBS := $(call ask,--libs,check))$(CHECK_LIBS)
# The dashboard's server: its pkg-config file names neither the defines nor wslay and ssl.
ifeq ($(DASHBOARD),1)
H2O_CPPFLAGS := -DH2O_USE_LIBUV=0 -DH2O_USE_EPOLL=1
H2O_LIBS := -lh2o-evloop -lwslay -lssl
endif
# netscope top: libcurl's header only, for it is loaded when it is needed.
ifeq ($(DASHBOARD),1)
TOP_LIBS := -lncursesw -ltinfo
endif
# Its headers are not ours to warn of; its -march and the header that it forces upon a file reach no other one.
DPDK_CFLAGS = $(eval DPDK_CFLAGS := $(subst -I,-isystem ,$(call ask,--cflags,libdpdk)) -DALLOW_EXPERIMENTAL_API)$(DPDK_CFLAGS)
DPDK_LINKED := $(filter 1,$(DPDK))
DPDK_LIBS = $(eval DPDK_LIBS := $(call ask,--libs,libdpdk))$(DPDK_LIBS)
# toml++ as a shared library, behind extern "C" in the only C++ file.
TOML_CPPFLAGS := -DTOML_HEADER_ONLY=0 -DTOML_SHARED_LIB=1
TOML_LIBS := $(if $(filter %.cc,$(MAIN_SRCS)),-ltomlplusplus)

CPPFLAGS := -D_GNU_SOURCE -D_LGPL_SOURCE $(if $(SANITIZED),-DNSC_SANITIZED=1) -DNSC_DASHBOARD=$(if $(filter 1,$(DASHBOARD)),1,0) -DNSC_USDT_BUILT=$(if $(filter 1,$(USDT)),1,0) -Iinclude -I. $(H2O_CPPFLAGS)
COMPILE_C = $(CC) -std=gnu11 $(FLAGS) $(TEST_FLAGS) $(WARNINGS) $(C_WARNINGS) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS_EXTRA)
COMPILE_CXX = $(CXX) -std=gnu++17 $(FLAGS) $(WARNINGS) $(CPPFLAGS) $(TOML_CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS_EXTRA)
LINKER = $(if $(filter %.cc,$(MAIN_SRCS)),$(CXX),$(CC))
LIBS = -Wl,--as-needed $(PKG_LIBS) $(H2O_LIBS) $(TOP_LIBS) $(TOML_LIBS) $(if $(DPDK_LINKED),$(DPDK_LIBS)) -lbz2 -lm -pthread $(LDFLAGS_EXTRA)

# ---- build ---------------------------------------------------------------------------------------------------------

.PHONY: all tests programs
all: $(PROGRAMS) | have-program ## build the program (build/release/netscope) and pktgen

programs: $(PROGRAMS)
	@:
tests: $(TESTS)
	@:

# Until there is a main, the library is all that there is to build.
.PHONY: have-program
have-program: $(LIB)
ifeq ($(filter %/netscope,$(PROGRAMS)),)
	@echo "make: there is no tools/netscope/main.c: no program, only $(LIB)"
endif

# Rebuilt when the flags change, but not for WERROR alone: it changes no code.
FLAGS_NOW = $(CC) $(CXX) $(FLAGS) $(UNIT_FLAGS) $(CPPFLAGS) $(CFLAGS_EXTRA)
FLAGS_STAMP := $(OUT)/flags
LIB_STAMP := $(OUT)/members
keep = mkdir -p $(@D); echo '$(1)' | cmp -s - $@ || echo '$(1)' > $@
.PHONY: always
$(FLAGS_STAMP): always
	@$(call keep,$(FLAGS_NOW))
$(LIB_STAMP): always
	@$(call keep,$(LIB_SRCS) $(MAIN_SRCS) $(PKTGEN_SRCS))

$(OUT)/obj/%.o: %.c $(FLAGS_STAMP)
	@mkdir -p $(@D); $(say) CC $<
	$(Q)$(COMPILE_C) -MMD -MP -c -o $@ $<

$(OUT)/obj/%.o: %.cc $(FLAGS_STAMP)
	@mkdir -p $(@D); $(say) CXX $<
	$(Q)$(COMPILE_CXX) -MMD -MP -c -o $@ $<

define archive
@rm -f $@; $(say) AR $@
$(Q)$(AR) rcs $@ $(filter %.o,$^)
endef

# ---- the dashboard's page: built by npm, packed, put into the binary ------------------------------------------------

PAGE := dashboard/page
ASSETS := $(addprefix $(OUT)/dashboard/,index.html app.js app.css icon.svg snapshot.js)
ASSET_OBJ := $(if $(filter 1,$(DASHBOARD)),$(OUT)/obj/dashboard/server/assets.o)
PAGE_SRCS := $(shell find $(PAGE) -type f -not -path '*/node_modules/*' 2>/dev/null)

# once for each change of the lock file
$(PAGE)/node_modules/.netscope: $(PAGE)/package-lock.json
	@$(say) NPM $(PAGE)
	$(Q)cd $(PAGE) && npm ci --no-audit --no-fund --loglevel=error > /dev/null
	@touch $@

# What several builds at once would otherwise install at once.
.PHONY: page-packages
page-packages: $(if $(ASSET_OBJ),$(if $(wildcard $(PAGE)/package.json),$(PAGE)/node_modules/.netscope))
	@:

ifeq ($(wildcard $(PAGE)/package.json),)
$(OUT)/dashboard/built: Makefile
	@mkdir -p $(@D); for file in $(ASSETS); do echo "<!doctype html><title>NetScope</title>This source tree has no page: see /api/v1/summary" > $$file; done
	@touch $@
else
$(OUT)/dashboard/built: $(PAGE_SRCS) $(if $(wildcard $(PAGE)/package.json),$(PAGE)/node_modules/.netscope)
	@mkdir -p $(@D); $(say) PAGE $(@D)
	$(Q)cd $(PAGE) && OUT_DIR=$(abspath $(@D)) npm run --silent build
	@touch $@
endif
$(ASSETS): $(OUT)/dashboard/built
	@test -f $@ || { echo "make: the page's build did not write $@" >&2; exit 1; }
$(OUT)/dashboard/%.gz: $(OUT)/dashboard/%
	$(Q)gzip -9nc $< > $@
$(OUT)/obj/dashboard/server/assets.o: dashboard/server/assets.S $(ASSETS) $(ASSETS:=.gz) $(FLAGS_STAMP)
	@mkdir -p $(@D); $(say) AS $<
	$(Q)$(CC) $(MARCH) -Wa,-I$(OUT)/dashboard -c -o $@ $<

$(LIB): $(call objs,$(LIB_SRCS)) $(ASSET_OBJ) $(LIB_STAMP)
	$(archive)
$(MAIN_LIB): $(call objs,$(filter-out %/main.c,$(MAIN_SRCS))) $(LIB_STAMP)
	$(archive)
$(PKTGEN_LIB): $(call objs,$(filter-out %/main.c,$(PKTGEN_SRCS))) $(LIB_STAMP)
	$(archive)

define link_program
@$(say) LD $@
$(Q)$(LINKER) $(FLAGS) $(PROGRAM_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(LIBS)
endef

$(OUT)/netscope: $(call objs,tools/netscope/main.c) $(MAIN_LIB) $(LIB)
	$(link_program)
$(OUT)/pktgen: $(call objs,tools/pktgen/main.c) $(PKTGEN_LIB) $(LIB)
	$(link_program)
# The benchmarks are no part of the LTO unit: their calls of the library must not decide what is inlined in it.
$(call objs,$(BENCH_SRCS)): private TEST_FLAGS := -fno-lto
# bench-smoke is the same without LTO, which would take half a minute for a program whose figures nobody reads.
$(OUT)/bench-smoke: PROGRAM_LDFLAGS := -fno-lto
$(OUT)/bench $(OUT)/bench-smoke: $(call objs,$(BENCH_SRCS)) $(LIB)
	$(link_program)

# The program with a fault in its worker, for tests: a broken ledger is exit status 3; a profile shows what three tenths of the time are.
FAULTS := fault spend
FAULT := $(if $(and $(filter release,$(VARIANT)),$(MAIN_SRCS),$(wildcard engine/worker.c)),$(FAULTS:%=$(OUT)/netscope-%))
$(OUT)/obj/fault/worker.o: private FAULT_FLAG := -DNSC_FAULT_LOSE_PACKET
$(OUT)/obj/spend/worker.o: private FAULT_FLAG := -DNSC_FAULT_SPEND
$(FAULTS:%=$(OUT)/obj/%/worker.o): engine/worker.c $(FLAGS_STAMP)
	@mkdir -p $(@D); $(say) CC "$< (with a fault)"
	$(Q)$(COMPILE_C) $(FAULT_FLAG) -MMD -MP -c -o $@ $<
# Without LTO, which would take most of a minute for a program that runs once.
$(FAULTS:%=$(OUT)/netscope-%): PROGRAM_LDFLAGS := -fno-lto
$(FAULTS:%=$(OUT)/netscope-%): $(OUT)/netscope-%: $(call objs,tools/netscope/main.c) $(OUT)/obj/%/worker.o $(MAIN_LIB) $(LIB)
	$(link_program)
-include $(FAULTS:%=$(OUT)/obj/%/worker.d)

$(call objs,$(DPDK_SRCS)): private TEST_FLAGS = $(DPDK_CFLAGS)
$(call objs,perf/bench_dpdk.c): private TEST_FLAGS = -fno-lto $(DPDK_CFLAGS)
# Without LTO, as those above. Its objects come first, so that what stands for them is not taken out of the archive.
$(OUT)/netscope-dpdk $(OUT)/tests/live/dpdk_twice: PROGRAM_LDFLAGS := -fno-lto
$(OUT)/netscope-dpdk $(OUT)/tests/live/dpdk_twice: DPDK_LINKED := 1
$(OUT)/tests/live/dpdk_twice: $(call objs,tests/live/dpdk_twice.c $(DPDK_SRCS)) $(LIB)
	@mkdir -p $(@D)
	$(link_program)
$(OUT)/netscope-dpdk: $(call objs,tools/netscope/main.c $(DPDK_SRCS)) $(MAIN_LIB) $(LIB)
	$(link_program)
$(OUT)/tests/live/dpdk_feed.so: tests/live/dpdk_feed.c
	@mkdir -p $(@D); $(say) LD $@
	$(Q)$(CC) -D_GNU_SOURCE -O2 -Wall -Wextra $(DPDK_CFLAGS) -shared -fPIC -o $@ $< -lrte_net_ring $(DPDK_LIBS) -lpcap

# The program with rounds that take 5 % longer, built as the program is: what netscope bench --against must find slower.
$(OUT)/obj/spin/worker.o: engine/worker.c $(FLAGS_STAMP)
	@mkdir -p $(@D); $(say) CC "$< (5 % slower)"
	$(Q)$(COMPILE_C) -DNSC_FAULT_SPIN=50 -MMD -MP -c -o $@ $<
$(OUT)/netscope-spin: $(call objs,tools/netscope/main.c) $(OUT)/obj/spin/worker.o $(MAIN_LIB) $(LIB)
	$(link_program)
-include $(OUT)/obj/spin/worker.d

# Tests are linked without LTO: a link takes 0.1 s instead of seconds, and the code is the same C. Binutils' other linker takes half of that.
TEST_LINKER := $(if $(wildcard /usr/bin/ld.gold),-fuse-ld=gold)
$(filter $(addprefix $(OUT)/tests/unit/tools/,netscope/% peers/% top/% ship/% bench/% extract/% send/%),$(TESTS)): $(MAIN_LIB)
$(filter $(OUT)/tests/unit/tools/pktgen/%,$(TESTS)): $(PKTGEN_LIB)
$(filter $(OUT)/tests/unit/perf/%,$(TESTS)): $(call objs,$(PERF_SHARED))
$(TESTS): $(OUT)/tests/%: $(OUT)/obj/tests/%.o $(LIB)
	@mkdir -p $(@D); $(say) LD $@
	$(Q)$(LINKER) $(FLAGS) -fno-lto $(TEST_LINKER) -o $@ $(filter %.o,$^) $(filter-out $(LIB),$(filter %.a,$^)) $(LIB) $(CHECK_LIBS) $(LIBS)

$(call objs,$(UNIT_SRCS)): private TEST_FLAGS := $(UNIT_FLAGS)
# Counts the basic blocks of the sources that it includes.
$(OUT)/obj/tests/property/worst_burst.o: private TEST_FLAGS := -fsanitize-coverage=trace-pc
$(INTRUDER): tests/live/intruder.c
	@mkdir -p $(@D); $(say) LD $@
	$(Q)$(CC) -D_GNU_SOURCE -O2 -Wall -Wextra -shared -fPIC -o $@ $<
$(filter-out $(INTRUDER),$(LIVE)): $(OUT)/tests/%: $(OUT)/obj/tests/%.o
	@mkdir -p $(@D); $(say) LD $@
	$(Q)$(CC) $(FLAGS) -fno-lto -o $@ $^

$(filter $(addprefix $(OUT)/tests/fuzz/fuzz_,cli toml top),$(FUZZERS)): $(MAIN_LIB)
$(FUZZERS): $(OUT)/tests/%: $(OUT)/obj/tests/%.o $(LIB)
	@mkdir -p $(@D); $(say) LD $@
	$(Q)$(LINKER) $(FLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(filter-out $(LIB),$(filter %.a,$^)) $(LIB) $(LIBS)

-include $(ALL_OBJS:.o=.d)

# ---- use -----------------------------------------------------------------------------------------------------------

.PHONY: setup run install clean help
setup: ## install what is missing from Debian's packages (as root or with sudo)
	@tools/setup

RUN_ARGS ?= -r $(SAMPLE) --quiet --stats --top-flows 5 --export-json $(BUILD)/sample-flows.json
run: ## set up, build, analyse the bundled sample capture and export its flows
	@tools/setup --minimal
	@$(MAKE) all
	@test -x $(OUT)/netscope || { echo "make run: $(OUT)/netscope does not exist" >&2; exit 1; }
	$(OUT)/netscope $(RUN_ARGS)
	@test ! -f $(BUILD)/sample-flows.json || echo "every flow of $(SAMPLE): $(BUILD)/sample-flows.json"

DEMO_ARGS ?=
.PHONY: demo
demo: ## set up, build, show generated traffic with an attack now and then at http://127.0.0.1:8080
	@tools/setup --minimal
	@$(MAKE) all
	@echo "open the dashboard in a browser; Ctrl-C ends it"
	@$(OUT)/netscope --config tools/demo.toml $(DEMO_ARGS)

install: all ## install the program, its man page and completion under DESTDIR and PREFIX
	install -D -m 755 $(OUT)/netscope $(DESTDIR)$(PREFIX)/bin/netscope
	install -D -m 644 docs/netscope.1 $(DESTDIR)$(PREFIX)/share/man/man1/netscope.1
	install -D -m 644 docs/netscope.example.toml $(DESTDIR)$(PREFIX)/share/doc/netscope/netscope.example.toml
	install -D -m 644 tools/completion/netscope.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/netscope
	install -D -m 644 tools/completion/_netscope $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_netscope

# What the program says about itself, file by file; tests/cli/generated compares.
GENERATED := man:docs/netscope.1 cli.md:docs/cli.md configuration.md:docs/configuration.md \
	example.toml:docs/netscope.example.toml metrics.md:docs/metrics.md probes.md:docs/probes.md \
	flows.sql:tools/package/clickhouse/flows.sql flows-18.sql:tools/package/clickhouse/flows-18.sql \
	bash:tools/completion/netscope.bash zsh:tools/completion/_netscope
.PHONY: deb
deb: $(OUT)/netscope ## pack what is built as a Debian package, beside the program
	@tools/package/build-deb $(OUT)/netscope $(OUT)

.PHONY: image
image: $(OUT)/netscope ## pack it as a container image (OCI archive), beside the program
	@tools/package/build-image $(OUT)/netscope $(OUT)

.PHONY: docs
docs: $(OUT)/netscope ## write man page, reference pages, example and completion anew from the option table
	@mkdir -p tools/completion
	$(Q)set -e; for pair in $(GENERATED); do $(OUT)/netscope --generate $${pair%%:*} > $${pair#*:}; done

clean: ## remove everything that was built
	rm -rf $(BUILD) $(PAGE)/node_modules

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@sed -n '/^#   [A-Z]/s/^# /  /p' $(firstword $(MAKEFILE_LIST))

# ---- tests ---------------------------------------------------------------------------------------------------------

RUN_TESTS = BUILD_DIR=$(BUILD) tests/run.py
variant = $(patsubst $(OUT)/%,$(BUILD)/$(1)/%,$(2))
UNIT := $(patsubst %.c,$(OUT)/%,$(UNIT_SRCS))
PROPERTY := $(patsubst %.c,$(OUT)/%,$(PROPERTY_SRCS))
STRESS := $(patsubst %.c,$(OUT)/%,$(STRESS_SRCS))

.PHONY: test test-unit test-asan test-tsan test-build layers
# Unit tests run forked as released, and all of a program in one process under AddressSanitizer, which then sees what tests leave
# to each other, and what they leak.
# Each fuzzer runs for 5 s here unless FUZZ_SECONDS says otherwise: `make fuzz-smoke` is for longer.
test: setup ## set up, build, run all tests: release, asan, tsan, fuzzers, scripts, checks
	@$(MAKE) test-builds
	@FUZZ_SECONDS=$(if $(filter file,$(origin FUZZ_SECONDS)),5,$(FUZZ_SECONDS)) $(RUN_TESTS) $(addprefix fuzz:,$(call variant,fuzz,$(FUZZERS))) \
		$(call variant,release,$(TESTS)) $(addprefix nofork:,$(call variant,asan,$(UNIT))) \
		$(call variant,asan,$(PROPERTY) $(STRESS)) $(call variant,tsan,$(STRESS)) $(SCRIPTS)

# All variants at once: what one of them links or bundles alone, another fills with compiling.
TEST_BUILDS := test-build-release test-build-asan test-build-tsan
.PHONY: test-builds test-build-fuzz $(TEST_BUILDS)
test-builds: $(TEST_BUILDS) test-build-fuzz
$(TEST_BUILDS): test-build-%: page-packages
	@$(MAKE) WERROR=1 VARIANT=$* all test-build
test-build-fuzz: page-packages
	@$(MAKE) fuzz

# tsan needs only what has threads: the programs and the stress tests
test-build: $(if $(filter tsan,$(VARIANT)),$(STRESS),$(TESTS)) $(FAULT) $(if $(filter release,$(VARIANT)),$(LIVE) $(DPDK_TESTS) $(OUT)/bench-smoke)
	@:

test-unit: $(UNIT) ## build and run the unit tests of VARIANT
	@$(RUN_TESTS) $^

test-asan: ## unit, property and stress tests under AddressSanitizer and UBSan
	@$(MAKE) VARIANT=asan all test-variant
test-tsan: ## unit and stress tests under ThreadSanitizer
	@$(MAKE) VARIANT=tsan all test-variant
.PHONY: test-variant
test-variant: $(UNIT) $(STRESS) $(if $(filter asan,$(VARIANT)),$(PROPERTY))
	@$(RUN_TESTS) $^

.PHONY: test-live live-programs
live-programs: $(LIVE) $(DPDK_TESTS)
	@:
test-live: ## build and run the live tests (network namespaces: root)
	@$(MAKE) VARIANT=release all live-programs
	@$(RUN_TESTS) $(filter tests/live/%,$(SCRIPTS))

layers: ## check the direction of includes
	@tests/layers

# ---- fuzzing, profiles, benchmarks -----------------------------------------------------------------------

.PHONY: fuzz fuzz-tsan fuzz-smoke fuzz-programs pgo pgo-generate coverage bench
fuzz: ## build the libFuzzer targets (clang)
	@$(MAKE) VARIANT=fuzz CC=clang CXX=clang++ fuzz-programs
fuzz-tsan: ## build the fuzzer of the whole engine with ThreadSanitizer
	@$(MAKE) VARIANT=fuzz-tsan CC=clang CXX=clang++ $(BUILD)/fuzz-tsan/tests/fuzz/fuzz_engine
fuzz-programs: $(FUZZERS)
	@:

fuzz-smoke: fuzz ## run each fuzzer for FUZZ_SECONDS from tests/fuzz/corpus/<name>
	@FUZZ_SECONDS=$(FUZZ_SECONDS) $(RUN_TESTS) $(addprefix fuzz:,$(call variant,fuzz,$(FUZZERS)))

# Traffic from memory, inline and with lanes: a mix that opens, closes, loses and reorders.
PGO_TRAINING ?= --backend synth --quiet --synth-packets 3000000 --synth-flows 50000 --synth-flow-packets 40 \
	--synth-loss 0.01 --synth-reorder 0.01 --max-flows 0 --export-csv $(BUILD)/pgo/flows.csv
pgo: ## build the program of VARIANT=pgo, trained on generated traffic
	@rm -rf $(BUILD)/pgo
	@$(MAKE) VARIANT=pgo PGO=generate all
	@test -x $(BUILD)/pgo/netscope || { echo "make pgo: there is no program to train" >&2; exit 1; }
	$(BUILD)/pgo/netscope $(PGO_TRAINING) > $(BUILD)/pgo/training.log
	$(BUILD)/pgo/netscope $(PGO_TRAINING) --workers 2 >> $(BUILD)/pgo/training.log
	$(BUILD)/pgo/netscope -r $(SAMPLE) --quiet --export-json $(BUILD)/pgo/flows.json >> $(BUILD)/pgo/training.log
	@find $(BUILD)/pgo -name '*.[oad]' -delete
	@$(MAKE) VARIANT=pgo PGO=use all

coverage: ## lines covered by the unit and property tests, file by file
	@find $(BUILD)/cov -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) VARIANT=cov coverage-run
.PHONY: coverage-run
coverage-run: $(UNIT) $(PROPERTY)
	@$(RUN_TESTS) $^
	@for object in $(call objs,$(LIB_SRCS)); do gcov -n -o $$object $$object 2>/dev/null; done | \
		awk -F "'" '/^File/ { file = $$2 } /^Lines/ { if (file !~ /^\//) print substr($$0, 16), file; file = "/" }' | sort -n

bench: programs $(BENCH) ## run the benchmarks (BENCH_ARGS=...)
	@test -n "$(BENCH)" || { echo "make bench: perf/ has no source" >&2; exit 1; }
	$(if $(BENCH),NETSCOPE=$(OUT)/netscope PKTGEN=$(OUT)/pktgen $(BENCH) $(BENCH_ARGS))

# bench-smoke has the same comparison as bench, and is there already after `make test`.
.PHONY: bench-gate
bench-gate: programs ## compare with the last release: status 1 when this build is slower
	@perf/gate $(OUT)/netscope $(BUILD) $(DASHBOARD)

# ---- checks of the sources -----------------------------------------------------------------------------------------

CHECKS := $(filter tests/check/% tests/layers,$(SCRIPTS))
.PHONY: check format-check tidy analyze compile-flags compile-flags-dpdk
check: ## check format, clang-tidy, shell and Python scripts, the page, the docs, the direction of includes
	@$(RUN_TESTS) $(CHECKS)

format-check: ## compare every C file with .clang-format
	@tests/check/format

tidy: ## run clang-tidy's bugprone checks (.clang-tidy) over every C file
	@tests/check/tidy

# tests/check/tidy asks for these: clang needs no optimization and no warnings of gcc.
compile-flags:
	@echo '-std=gnu11 $(CPPFLAGS) $(PKG_CFLAGS)'

# Of the files that are compiled with DPDK's headers; nothing where these are not.
compile-flags-dpdk:
	@echo '$(if $(DPDK_TESTS),$(DPDK_CFLAGS))'

# Left out: memset_s, which glibc lacks; va_start, which clang 14 does not see.
ANALYZER := -*,clang-analyzer-*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-clang-analyzer-valist.Uninitialized
analyze: ## run clang's static analyzer over the program's sources (some minutes)
	$(Q)printf '%s\n' $(LIB_SRCS) $(filter %.c,$(MAIN_SRCS)) $(PKTGEN_SRCS) | xargs -P $(shell nproc) -n 4 sh -c \
		'clang-tidy --quiet --checks="$(ANALYZER)" "$$@" -- -std=gnu11 $(CPPFLAGS) $(PKG_CFLAGS)' clang-tidy
