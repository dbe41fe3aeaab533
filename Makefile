# Brim: `make` builds, `make check` tests, `make install PREFIX=...` installs. Everything is left in build/.
#
# VARIANT picks other flags for the whole tree, in its own folder: make VARIANT=debug check
VARIANT ?= release
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
LIBDIR  ?= $(PREFIX)/lib
MANDIR  ?= $(PREFIX)/share/man
INCLUDEDIR ?= $(PREFIX)/include
CC      ?= cc
CXX     ?= c++
VERSION := 0.1.0
SOMAJOR := 0

B := $(if $(filter release,$(VARIANT)),build,build/$(VARIANT))

WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla -Wundef
CSTD   := -std=gnu17
FLAGS_release := -O2 -g -DNDEBUG
FLAGS_debug   := -Og -g3
# Every system call can be made to fail by BRIM_FAULT (src/os/fault.h).
FLAGS_fault   := -O2 -g -DBRIM_FAULT_INJECTION=1
FLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer
FLAGS_tsan    := -O1 -g -fsanitize=thread
CFLAGS_ALL  := $(CSTD) $(WARN) $(FLAGS_$(VARIANT)) $(CPPFLAGS) $(CFLAGS)
# IN_PLACE: no function is cut in two. DENSE: no gaps for alignment, but in front of the hot calls. SMALLER: where code is made
# small, nothing is copied or kept in more registers for speed. clang has none of these flags.
ifeq ($(findstring clang,$(shell $(CC) --version)),)
IN_PLACE := -fno-reorder-blocks-and-partition
DENSE    := -fno-align-functions -fno-align-jumps -fno-align-loops -fno-align-labels
SMALLER  := -fno-gcse -fno-move-loop-invariants -fno-tree-loop-im
# Objects joined for an archive stay what they are: of two kinds of code in them (-ffat-lto-objects) each may be stripped later.
AS_THEY_ARE := -fno-lto
endif
# The library: symbols hidden by default, little static TLS, no canary (it runs before TLS is set up), calls bound at load.
# Code and constants share a segment (each one costs system calls at every start of a program); what small programs do not need
# has another (layout.ld). Large tables lie apart from small variables, which then share a page or two (each page that is touched
# is resident in every program). Each function has a section, so that the linker leaves out what only tests call (verify.c).
LIBFLAGS := -fPIC -fvisibility=hidden -ftls-model=initial-exec -fno-stack-protector -fno-semantic-interposition \
            -fno-plt -fno-builtin-malloc -fno-builtin-calloc -fexceptions -fno-asynchronous-unwind-tables -funwind-tables \
            -ffunction-sections -fdata-sections $(IN_PLACE) -Isrc -Iinclude
LIBLINK  := -shared -Wl,-soname,libbrim.so.$(SOMAJOR) -Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete -Wl,-z,defs -Wl,--gc-sections \
            -Wl,--version-script=src/api/exports.map -pthread
# How it is laid out: gold and mold can't do that, and what they link works, but more of it is resident.
LAYOUT   := -Wl,-z,noseparate-code -Wl,--sort-section=alignment -Wl,-T,src/api/layout.ld
LAYOUT   := $(shell $(CC) $(LDFLAGS) -shared -nostdlib $(LAYOUT) -o /dev/null -x c /dev/null 2>/dev/null && echo '$(LAYOUT)')

# All but these files, through which most calls go, are compiled for size: every program that loads the library reads it.
HOT_C := src/core/alloc.c src/core/bins.c src/core/slab.c src/api/malloc.c src/api/free.c src/api/new.c src/api/posix.c
SIZE_release := -Os $(SMALLER)
# Without unwind tables: what runs once or on request, and neither ends the program nor is a place where a thread may be
# cancelled; and what only jumps.
ASIDE_C := src/base/print.c src/base/texts.c src/os/os_sched.c src/core/fork.c src/core/huge.c src/core/init.c src/core/options.c \
           src/core/sizeclass.c src/core/stats.c src/api/forms.c

LIB_C  := $(sort $(wildcard src/base/*.c src/os/*.c src/core/*.c src/region/*.c))
API_C  := $(sort $(wildcard src/api/*.c))
CLI_C  := $(sort $(wildcard cli/*.c peek/*.c))
LIB_O  := $(LIB_C:%.c=$(B)/obj/%.o)
API_O  := $(API_C:%.c=$(B)/obj/override/%.o)
PRE_O  := $(API_C:%.c=$(B)/obj/prefixed/%.o)
objects = $(foreach way,obj obj/override obj/prefixed,$(1:%.c=$(B)/$(way)/%.o))
CLI_O  := $(CLI_C:%.c=$(B)/obj/%.o)

.DELETE_ON_ERROR:
.PHONY: all clean check install uninstall FORCE
all: $(B)/libbrim.so $(B)/libbrim.a $(B)/libbrim-prefixed.a $(B)/brim

$(call objects,$(ASIDE_C)): SIZE_release += -fno-exceptions -fno-unwind-tables
$(filter-out $(call objects,$(HOT_C)),$(LIB_O) $(API_O) $(PRE_O)): SIZE := $(SIZE_$(VARIANT))
$(B)/obj/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(LIBFLAGS) $(DENSE) $(SIZE) -MMD -MP -c -o $@ $<
# The API is built twice: with the usual names beside the prefixed ones, and with the prefixed ones only.
$(B)/obj/override/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(LIBFLAGS) $(DENSE) $(SIZE) -DBRIM_OVERRIDE=1 -MMD -MP -c -o $@ $<
$(B)/obj/prefixed/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) $(LIBFLAGS) $(DENSE) $(SIZE) -DBRIM_OVERRIDE=0 -MMD -MP -c -o $@ $<
$(B)/obj/cli/%.o: cli/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -Iinclude $(PLACES) -MMD -MP -c -o $@ $<
# These look for what is installed: they are built anew for other folders.
WITH_PLACES := $(patsubst %,$(B)/obj/cli/%.o,allocators cmd_lab preload suite)
$(WITH_PLACES): PLACES = -DBRIM_PREFIX='"$(PREFIX)"' -DBRIM_LIBDIR='"$(LIBDIR)"' -DBRIM_WAY_TO_LIB='"$(call way,$(BINDIR),$(LIBDIR))"'
$(WITH_PLACES): $(B)/folders
$(B)/folders: FORCE
	@mkdir -p $(@D)
	@echo '$(PREFIX):$(BINDIR):$(LIBDIR):$(INCLUDEDIR)' | cmp -s - $@ || echo '$(PREFIX):$(BINDIR):$(LIBDIR):$(INCLUDEDIR)' >$@
way = $(shell printf '%s\n' '$(PREFIX)' '$(1)' '$(2)' '$(3)' | awk -f mk/way.awk)
# The part of the command that knows the allocator's structs.
$(B)/obj/peek/%.o: peek/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -Iinclude -Isrc -MMD -MP -c -o $@ $<

$(B)/libbrim.so.$(SOMAJOR): $(LIB_O) $(API_O) src/api/exports.map src/api/layout.ld
	$(CC) $(CFLAGS_ALL) $(LDFLAGS) $(LIBLINK) $(LAYOUT) -o $@ $(LIB_O) $(API_O)
$(B)/libbrim.so: $(B)/libbrim.so.$(SOMAJOR)
	ln -sf $(<F) $@
# One object: a program that calls one function of the family must get all, as the C library's would not know the others' blocks.
# The wrapper of dlopen is left out: in a static program there is no other dlopen to pass the call on to.
$(B)/obj/override/family.o: $(filter-out %/dlopen.o,$(API_O))
	$(CC) $(CFLAGS_ALL) $(AS_THEY_ARE) -nostdlib -r -o $@ $^
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
