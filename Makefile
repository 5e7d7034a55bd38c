# make         build everything             make run     run all scenarios in-process, results in out/latest
# make test    build and run every test     make bench   speed: one figure a line, "name value unit"
# make tidy    clang-tidy and cppcheck      make pure    who includes and calls whom, against the rules of the house
# make fuzz    fuzz each front end          make format  clang-format in place
# make firmware  the Cortex-M image, where its compiler is (scripts/setup --rigs); also part of make
# make mutate  a sample of defects against the scenarios     make mutate-all  every one (hours)
# make same-cortex-m  likewise the Cortex-M image in QEMU, in every scenario of the JK48V100PRO
# make same-all  core and posix firmware: the same commands at the same times, and the same verdicts, in every scenario
# make clean   remove build*/ and out/
#
# SAN=1            the same under ASan and UBSan, in build-san/      FUZZ_SECONDS=30  per fuzz target
# BUILD=dir        where everything goes (default build/)            CC=clang, CFLAGS=-O0, LDFLAGS=, WERROR= as usual
# TESTS="core_% ntc"  only these test programs

PKG_CONFIG ?= pkg-config
CLANG      ?= clang
BUILD      ?= build$(if $(SAN),-san)
FUZZ_SECONDS ?= 30
WERROR     ?= -Werror

# The plant's inner loops gain from -O3; whoever sets CFLAGS sets them for all folders.
ifeq ($(origin CFLAGS),undefined)
CFLAGS := -O2 -g
MODEL_CFLAGS ?= -O3 -g
endif
MODEL_CFLAGS ?= $(CFLAGS)

# As many jobs as processors; a -j on the command line wins.
MAKEFLAGS += -j$(shell nproc)

# Kept apart from CFLAGS, so that "make CFLAGS=-O0" loses neither the warnings nor the reproducible arithmetic.
SANITIZE := $(if $(SAN),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all)
STRICT   := -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes $(WERROR) \
            -I. -ffp-contract=off $(SANITIZE)
DEPEND    = -MMD -MP -MF $(@:.o=.d)

# What each folder adds. bms_core and model know no operating system; the rest is POSIX.
POSIX := -D_POSIX_C_SOURCE=200809L
bms_core_flags := -ffreestanding -DNDEBUG
model_flags    := -Wno-psabi
bus_flags      := $(POSIX) -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE # ptys, locks, CAN
sim_flags      := $(POSIX) -pthread
tests_flags    := $(POSIX) -pthread
folder_flags    = $(if $(filter bms_core/ports/posix/%,$1),$(bus_flags),$($(firstword $(subst /, ,$1))_flags))

LDLIBS     = $(shell $(PKG_CONFIG) --libs libcjson libserialport) -lm -pthread
TEST_LIBS  = $(shell $(PKG_CONFIG) --libs check)

core_src    := $(wildcard bms_core/*.c bms_core/params/*.c)
ports_src   := $(wildcard bms_core/ports/*.c)
model_src   := $(wildcard model/*.c)
bus_src     := $(wildcard bus/*.c bus/link/*.c bus/wire/*.c)
sim_src     := $(filter-out sim/main.c,$(wildcard sim/*.c))
support_src := $(wildcard tests/support/*.c)
test_src    := $(wildcard tests/test_*.c)
bench_src   := $(wildcard tests/bench_*.c)
fuzz_src    := $(wildcard tests/fuzz/fuzz_*.c)
lib_src     := $(core_src) $(ports_src) $(model_src) $(bus_src) $(sim_src)
posix_src   := $(wildcard bms_core/ports/posix/*.c)
c_src       := $(lib_src) sim/main.c $(posix_src) $(support_src) $(test_src) $(bench_src)
test_sh     := $(wildcard tests/test_*.sh)

obj = $(patsubst %.c,$(BUILD)/%.o,$1)
# Users before what they use. A folder without sources has no archive yet.
archive  = $(if $($1_src),$(BUILD)/lib$2.a)
core_lib    := $(call archive,core,bms_core)
ports_lib   := $(call archive,ports,ports)
model_lib   := $(call archive,model,model)
bus_lib     := $(call archive,bus,bus)
sim_lib     := $(call archive,sim,sim)
support_lib := $(call archive,support,support)
libs        := $(sim_lib) $(ports_lib) $(bus_lib) $(model_lib) $(core_lib)

packbench := $(BUILD)/packbench
posix     := $(BUILD)/bms_posix
tests     := $(test_src:%.c=$(BUILD)/%)
benches   := $(bench_src:%.c=$(BUILD)/%)

# The Cortex-M image: built with everything else where its compiler is.
ARM          ?= arm-none-eabi-
firmware_elf := $(BUILD)/bms_cortex_m.elf
firmware     := $(if $(shell command -v $(ARM)gcc),$(firmware_elf))
arm_src      := $(core_src) $(ports_src) $(wildcard bus/link/*.c bms_core/ports/cortex_m/*.c)
arm_script   := bms_core/ports/cortex_m/musca_b1.ld
arm_cpu      := -mcpu=cortex-m33+nofp -mthumb
arm_flags    := $(filter-out $(SANITIZE),$(STRICT)) $(arm_cpu) -ffreestanding -DNDEBUG -Os -g -ffunction-sections -fdata-sections -fstack-usage

all: $(packbench) $(posix) $(libs) $(tests) $(benches) $(firmware)

$(core_lib):    $(call obj,$(core_src))
$(ports_lib):   $(call obj,$(ports_src))
$(model_lib):   $(call obj,$(model_src))
$(bus_lib):     $(call obj,$(bus_src))
$(sim_lib):     $(call obj,$(sim_src))
$(support_lib): $(call obj,$(support_src))

# ar adds to what is there: a member whose source is gone must not live on.
$(BUILD)/%.a:
	@rm -f $@
	$(AR) rcsD $@ $^

$(BUILD)/%.o: %.c Makefile $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(STRICT) $(call folder_flags,$<) $(if $(filter model/%,$<),$(MODEL_CFLAGS),$(CFLAGS)) $(CPPFLAGS) \
		$(DEPEND) -c $< -o $@

$(packbench): $(BUILD)/sim/main.o $(libs)
	$(CC) $(SANITIZE) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(posix): $(call obj,$(posix_src)) $(ports_lib) $(bus_lib) $(core_lib)
	$(CC) $(SANITIZE) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(tests): %: %.o $(support_lib) $(libs)
	$(CC) $(SANITIZE) $(CFLAGS) $(LDFLAGS) $^ $(TEST_LIBS) $(LDLIBS) -o $@

$(benches): %: %.o $(support_lib) $(libs)
	$(CC) $(SANITIZE) $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/arm/%.o: %.c Makefile $(BUILD)/flags
	@mkdir -p $(@D)
	$(ARM)gcc $(arm_flags) $(DEPEND) -c $< -o $@

# Of the C library only what copies and compares memory is there to be found. Too much flash, RAM or stack is an error.
$(firmware_elf): $(arm_src:%.c=$(BUILD)/arm/%.o) $(arm_script) scripts/firmware-size
	$(ARM)gcc $(arm_cpu) -nostdlib -Wl,--gc-sections -T $(arm_script) $(filter %.o,$^) -lc_nano -lgcc -o $@
	@scripts/firmware-size $@ $(BUILD)/arm

firmware: $(firmware_elf)

# Other flags or another compiler in the same folder: everything is built anew.
flags_now := $(strip $(CC) $(STRICT) | $(CFLAGS) | $(MODEL_CFLAGS) | $(CPPFLAGS) | $(LDFLAGS))
ifneq ($(flags_now),$(file <$(BUILD)/flags))
$(BUILD)/flags: FORCE
endif
$(BUILD)/flags:
	@mkdir -p $(@D)
	@printf '%s\n' '$(flags_now)' > $@

run: $(packbench)
	$(packbench) run scenarios --out out/latest

# Programs and scripts alike run from the root of the checkout and find the bench in PACKBENCH.
chosen = $(if $(TESTS),$(filter $(foreach t,$(TESTS),$(BUILD)/tests/test_$t tests/test_$t.sh),$1),$1)
test: $(packbench) $(posix) $(firmware) $(call chosen,$(tests))
	@PACKBENCH=$(packbench) scripts/run-tests $(BUILD)/log $(call chosen,$(tests) $(test_sh))

bench: all
	@for b in $(benches); do $$b || exit; done
	@scripts/bench-suite $(packbench)

# Every case of every scenario: the same commands at the same virtual times on another target as in this process.
same-all: $(packbench) $(posix)
	@rm -rf out/same
	$(packbench) run scenarios --commands --trace off --quiet --jobs $(shell nproc) --out out/same/core
	$(packbench) run scenarios --commands --trace off --quiet --jobs $(shell nproc) --out out/same/posix --target exec:$(posix)
	scripts/same-commands out/same/core out/same/posix
	scripts/compare-verdicts out/same/core/results.jsonl out/same/posix/results.jsonl

same-cortex-m: $(packbench) $(firmware_elf)
	@rm -rf out/same-cortex-m
	$(packbench) run scenarios/jk48v100pro --commands --trace off --quiet --jobs $(shell nproc) --out out/same-cortex-m/core
	$(packbench) run scenarios/jk48v100pro --commands --trace off --quiet --jobs $(shell nproc) --out out/same-cortex-m/cortex_m \
		--target 'exec:scripts/firmware-qemu $(firmware_elf)'
	scripts/same-commands out/same-cortex-m/core out/same-cortex-m/cortex_m

pure: all
	scripts/check-pure.sh $(BUILD)

# One stamp for each file, made anew when the file, a header of it or the rules change.
tidied := $(patsubst %.c,$(BUILD)/tidy/%.ok,$(c_src) $(fuzz_src))
tidy: $(tidied)
	@echo "tidy: $(words $^) files clean"
$(BUILD)/tidy/%.ok: %.c .clang-tidy Makefile
	@mkdir -p $(@D)
	@$(CLANG) -std=c11 -I. $(call folder_flags,$<) -MM -MP -MT $@ -MF $(@:.ok=.d) $<
	clang-tidy --quiet $< -- -std=c11 -I. $(call folder_flags,$<) 2>$(@:.ok=.err) || { cat $(@:.ok=.err); false; }
	$(if $(filter tests/%,$<),,cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr -I. $(POSIX) \
		--enable=warning,style,performance,portability $<)
	@touch $@

# Everything once more by clang, instrumented; seeds lie in tests/fuzz/corpus/<target>/, finds in $(fuzz_dir).
fuzz_dir   := $(BUILD)/fuzz
fuzzers    := $(fuzz_src:tests/fuzz/%.c=$(fuzz_dir)/%)
fuzz_flags := -g -O1 -fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all
fuzz: $(fuzzers)
	scripts/run-fuzz $(FUZZ_SECONDS) $(fuzz_dir) $(fuzzers)
$(fuzz_dir)/libfuzz.a: $(lib_src:%.c=$(fuzz_dir)/%.o)
$(fuzz_dir)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CLANG) $(STRICT) $(call folder_flags,$<) $(fuzz_flags) -fsanitize=fuzzer-no-link $(DEPEND) -c $< -o $@
$(fuzzers): $(fuzz_dir)/%: $(fuzz_dir)/tests/fuzz/%.o $(fuzz_dir)/libfuzz.a
	$(CLANG) $(fuzz_flags) -fsanitize=fuzzer $^ $(LDLIBS) -o $@

# The core with one defect at a time against the scenarios; MUTANTS=N samples another number.
MUTANTS ?= 1200
mutate: all
	scripts/mutate --build $(BUILD) --sample $(MUTANTS)
mutate-all: all
	scripts/mutate --build $(BUILD)

format:
	clang-format -i $(c_src) $(fuzz_src) $(wildcard bms_core/ports/*/*.[ch] bms_core/*.h bms_core/ports/*.h model/*.h bus/*.h bus/*/*.h sim/*.h tests/*.h tests/support/*.h)

clean:
	rm -rf build build-* out $(BUILD)

print-%:
	@echo '$($*)'

FORCE:
.PHONY: all firmware run test same-all same-cortex-m bench tidy fuzz pure mutate mutate-all format clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:
-include $(patsubst %.o,%.d,$(call obj,$(c_src))) $(arm_src:%.c=$(BUILD)/arm/%.d) $(tidied:.ok=.d)
-include $(patsubst %.c,$(fuzz_dir)/%.d,$(lib_src) $(fuzz_src))
