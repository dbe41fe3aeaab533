# Brim: `make` builds, `make check` tests, `make install PREFIX=...` installs. Everything is left in build/.
#
# VARIANT picks other flags for the whole tree, in its own folder: make VARIANT=debug check
VARIANT ?= release
PREFIX  ?= /usr/local
CC      ?= cc
CXX     ?= c++
VERSION := 0.1.0
SOMAJOR := 0

B := $(if $(filter release,$(VARIANT)),build,build/$(VARIANT))

WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla -Wundef
CSTD   := -std=gnu17
FLAGS_release := -O2 -g -DNDEBUG
FLAGS_debug   := -Og -g3
# Every call of the system can be made to fail: BRIM_FAULT (src/os/fault.h).
FLAGS_fault   := -O2 -g -DBRIM_FAULT_INJECTION=1
FLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer
FLAGS_tsan    := -O1 -g -fsanitize=thread
CFLAGS_ALL  := $(CSTD) $(WARN) $(FLAGS_$(VARIANT)) $(CFLAGS)
# No function in two parts, no gaps for alignment but in front of the hot calls, and, where code is made small, none that is copied
# or kept in more registers for speed: clang has none of these flags.
ifeq ($(findstring clang,$(shell $(CC) --version)),)
IN_PLACE := -fno-reorder-blocks-and-partition
DENSE    := -fno-align-functions -fno-align-jumps -fno-align-loops -fno-align-labels
SMALLER  := -fno-gcse -fno-move-loop-invariants -fno-tree-loop-im
endif
# The library: hidden by default, little static TLS, no canary (it runs before TLS is whole), calls bound at load, code
# and constants together (each segment costs system calls at every start of a program) but for what small programs do not
# need (layout.ld), large tables apart from small variables, which then share a page or two (each page that is touched is
# resident in every program). What only tests call (verify.c) is left out by the linker: each function has a section of its own.
LIBFLAGS := -fPIC -fvisibility=hidden -ftls-model=initial-exec -fno-stack-protector -fno-semantic-interposition \
            -fno-plt -fno-builtin-malloc -fno-builtin-calloc -fexceptions -fno-asynchronous-unwind-tables -funwind-tables \
            -ffunction-sections -fdata-sections $(IN_PLACE) -Isrc -Iinclude
LIBLINK  := -shared -Wl,-soname,libbrim.so.$(SOMAJOR) -Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete -Wl,-z,noseparate-code -Wl,-z,defs \
            -Wl,--sort-section=alignment -Wl,--gc-sections -Wl,--version-script=src/api/exports.map -Wl,-T,src/api/layout.ld -pthread

# What is not on the way of most calls is made small: a library that is loaded by every program is read by every program.
HOT_C := src/core/alloc.c src/core/bins.c src/core/slab.c src/api/malloc.c src/api/free.c src/api/new.c src/api/posix.c
SIZE_release := -Os $(SMALLER)
# What runs once or when it is asked, and neither ends the program nor is where it may be cancelled, and what only jumps: without
# tables to unwind it.
ASIDE_C := src/base/print.c src/base/texts.c src/core/fork.c src/core/init.c src/core/options.c src/core/sizeclass.c \
           src/core/stats.c src/api/forms.c

LIB_C  := $(sort $(wildcard src/base/*.c src/os/*.c src/core/*.c src/region/*.c))
API_C  := $(sort $(wildcard src/api/*.c))
CLI_C  := $(sort $(wildcard cli/*.c peek/*.c))
LIB_O  := $(LIB_C:%.c=$(B)/obj/%.o)
API_O  := $(API_C:%.c=$(B)/obj/override/%.o)
PRE_O  := $(API_C:%.c=$(B)/obj/prefixed/%.o)
objects = $(foreach way,obj obj/override obj/prefixed,$(1:%.c=$(B)/$(way)/%.o))
CLI_O  := $(CLI_C:%.c=$(B)/obj/%.o)

.PHONY: all clean check install uninstall
all: $(B)/libbrim.so $(B)/libbrim.a $(B)/libbrim-prefixed.a $(B)/brim

$(call objects,$(ASIDE_C)): SIZE_release += -fno-exceptions -fno-unwind-tables
$(filter-out $(call objects,$(HOT_C)),$(LIB_O) $(API_O) $(PRE_O)): SIZE := $(SIZE_$(VARIANT))
$(B)/obj/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(LIBFLAGS) $(DENSE) $(SIZE) -MMD -MP -c -o $@ $<
# The API twice: with the usual names beside the prefixed ones, and with the prefixed ones only.
$(B)/obj/override/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(LIBFLAGS) $(DENSE) $(SIZE) -DBRIM_OVERRIDE=1 -MMD -MP -c -o $@ $<
$(B)/obj/prefixed/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(LIBFLAGS) $(DENSE) $(SIZE) -DBRIM_OVERRIDE=0 -MMD -MP -c -o $@ $<
$(B)/obj/cli/%.o: cli/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -Iinclude -DBRIM_PREFIX='"$(PREFIX)"' -MMD -MP -c -o $@ $<
# The part of the command that knows the allocator's structs.
$(B)/obj/peek/%.o: peek/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -Iinclude -Isrc -MMD -MP -c -o $@ $<

$(B)/libbrim.so.$(SOMAJOR): $(LIB_O) $(API_O) src/api/exports.map src/api/layout.ld
	$(CC) $(CFLAGS_ALL) $(LDFLAGS) $(LIBLINK) -o $@ $(LIB_O) $(API_O)
$(B)/libbrim.so: $(B)/libbrim.so.$(SOMAJOR)
	ln -sf $(<F) $@
# Whoever calls one function of the family has them all: the C library's would not know the blocks of the others. But for the
# wrapper of dlopen: a static program has no other one to pass the call on to.
$(B)/obj/override/family.o: $(filter-out %/dlopen.o,$(API_O))
	$(CC) $(CFLAGS_ALL) -nostdlib -r -o $@ $^
$(B)/libbrim.a: $(LIB_O) $(B)/obj/override/family.o
	rm -f $@ && $(AR) rcs $@ $^
$(B)/libbrim-prefixed.a: $(LIB_O) $(PRE_O)
	rm -f $@ && $(AR) rcs $@ $^
$(B)/brim: $(CLI_O) $(B)/libbrim-prefixed.a
	$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ -pthread -lm -ldl

include $(sort $(wildcard mk/*.mk tests/tests.mk lab/lab.mk bench/bench.mk))

clean:
	rm -rf build

-include $(LIB_O:.o=.d) $(API_O:.o=.d) $(PRE_O:.o=.d) $(CLI_O:.o=.d)
