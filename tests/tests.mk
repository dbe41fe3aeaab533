# tests.mk: builds and runs the tests, part of the Makefile. A test is one file, tests/<group>/<name>.c, a program that
# prints TAP; tests/run runs it, prove sums up. It is built into build/.../tests/<way>/<group>/<name>:
#   preloaded   without Brim, to run with libbrim.so preloaded
#   shared, static, prefixed   linked with libbrim.so, libbrim.a, libbrim-prefixed.a (see tests/api/names.h)
#   stdcxx      linked with libbrim.a and the C++ library's archive
T := $(B)/tests

FLAGS_test_asan := -fsanitize=address,undefined -fno-omit-frame-pointer -DBRIM_TEST_SANITIZED
FLAGS_test_tsan := -fsanitize=thread -DBRIM_TEST_SANITIZED
FLAGS_test_fault := -DBRIM_FAULT_INJECTION=1
# Tests allocate and misuse memory on purpose: whatever its flags, the compiler must neither remove that nor draw conclusions.
UNCHECKED := -U_FORTIFY_SOURCE -Wp,-U_FORTIFY_SOURCE
TEST_CFLAGS := $(CSTD) $(WARN) -O1 -g -fno-builtin -pthread -Itests -Iinclude -Isrc $(FLAGS_test_$(VARIANT)) $(CPPFLAGS) $(CFLAGS) $(UNCHECKED)
TEST_CXXFLAGS := -std=c++17 -fsized-deallocation -Wall -Wextra -Wshadow -O1 -g -fno-builtin -pthread -Itests -Iinclude $(CPPFLAGS) $(CXXFLAGS) $(UNCHECKED)
TEST_H := $(wildcard tests/*.h tests/*/*.h include/brim/*.h)

test_programs = $(patsubst tests/%.c,$(T)/$(1)/%,$(filter-out %.so.c,$(foreach g,$(2),$(sort $(wildcard tests/$(g)/*.c)))))
# The behaviour of whole processes is tested preloaded, as most users have it; the interface in every way.
TESTS_PRELOADED := $(call test_programs,preloaded,api misuse model threads fork first memory refusal)
TESTS_LINKED    := $(call test_programs,shared,api) $(call test_programs,static,api misuse) \
                   $(T)/shared/first/early $(T)/static/first/early $(T)/static/fork/first $(T)/static/fork/order \
                   $(foreach way,shared static prefixed,$(T)/$(way)/memory/peek $(T)/$(way)/memory/resident)
TESTS_PREFIXED  := $(call test_programs,prefixed,unit api misuse model threads) $(T)/prefixed/fork/first $(T)/prefixed/fork/order
TESTS_CXX       := $(foreach way,preloaded shared static,$(patsubst tests/%.cc,$(T)/$(way)/%,$(wildcard tests/api/*.cc))) \
                   $(T)/stdcxx/api/replaced
TESTS_SH        := $(filter-out tests/cli/tap.sh,$(sort $(wildcard tests/api/*.sh tests/cli/*.sh tests/package/*.sh tests/refusal/*.sh tests/spin/*.sh tests/profile/*.sh tests/lab/*.t)))
# What tests/profile/*.sh run under `brim profile`.
PROFILED        := $(call test_programs,preloaded,profile) $(T)/preloaded/profile/cxx
TESTS_QUICK     := $(TESTS_SH) $(TESTS_CXX) $(TESTS_LINKED) $(TESTS_PREFIXED) $(TESTS_PRELOADED)

$(T)/preloaded/%: tests/%.c $(TEST_H) tests/tests.mk
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -DBRIM_PRELOADED $(LDFLAGS) -o $@ $<
$(T)/shared/%: tests/%.c $(TEST_H) tests/tests.mk $(B)/libbrim.so
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) $(LDFLAGS) -o $@ $< -L$(B) -lbrim -Wl,-rpath,$(abspath $(B))
$(T)/static/%: tests/%.c $(TEST_H) tests/tests.mk $(B)/libbrim.a
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) $(LDFLAGS) -o $@ $< $(B)/libbrim.a
$(T)/prefixed/%: tests/%.c $(TEST_H) tests/tests.mk $(B)/libbrim-prefixed.a
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -DBRIM_PREFIXED $(LDFLAGS) -o $@ $< $(B)/libbrim-prefixed.a

$(T)/preloaded/%: tests/%.cc $(TEST_H) tests/tests.mk
	@mkdir -p $(@D)
	$(CXX) $(TEST_CXXFLAGS) -DBRIM_PRELOADED $(LDFLAGS) -o $@ $<
$(T)/shared/%: tests/%.cc $(TEST_H) tests/tests.mk $(B)/libbrim.so
	@mkdir -p $(@D)
	$(CXX) $(TEST_CXXFLAGS) $(LDFLAGS) -o $@ $< -L$(B) -lbrim -Wl,-rpath,$(abspath $(B))
$(T)/static/%: tests/%.cc $(TEST_H) tests/tests.mk $(B)/libbrim.a
	@mkdir -p $(@D)
	$(CXX) $(TEST_CXXFLAGS) $(LDFLAGS) -o $@ $< $(B)/libbrim.a
$(T)/stdcxx/%: tests/%.cc $(TEST_H) tests/tests.mk $(B)/libbrim.a
	@mkdir -p $(@D)
	$(CXX) $(TEST_CXXFLAGS) $(LDFLAGS) -static-libstdc++ -o $@ $< $(B)/libbrim.a

# Libraries that tests load.
TEST_LIBS := $(patsubst tests/%.so.c,$(T)/preloaded/%.so,$(wildcard tests/*/*.so.c))
$(TEST_LIBS): $(T)/preloaded/%.so: tests/%.so.c tests/tests.mk
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) $(LDFLAGS) -fPIC -shared -o $@ $<

PROVE := prove -j2 --failures --exec tests/run
export B

.PHONY: check check-all check-prefixed check-asan check-ubsan check-tsan check-aarch64 check-musl
check: all $(TESTS_QUICK) $(TEST_LIBS) $(PROFILED)
	$(PROVE) $(TESTS_QUICK)
# The full sizes and counts, every variant, and real programs.
check-all: all $(TESTS_QUICK) $(TEST_LIBS) $(PROFILED)
	TEST_LONG=1 SECONDS_EACH=1200 $(PROVE) $(TESTS_QUICK)
	$(MAKE) VARIANT=debug check
	TEST_LONG=1 $(MAKE) check-fault
	$(MAKE) check-asan
	$(MAKE) check-tsan
	$(MAKE) check-bench
	$(MAKE) check-musl
	$(MAKE) check-aarch64
	tests/real/run

# The sanitizers have their own malloc: Brim is tested beside it, under its prefix. ThreadSanitizer's runtime does not
# take its own locks for a fork: beside threads that begin to write, one child in some 2,500 hangs in them.
NOT_UNDER_tsan := $(T)/prefixed/fork/first
TESTS_SANITIZED := $(filter-out $(NOT_UNDER_$(VARIANT)),$(TESTS_PREFIXED))
check-prefixed: $(TESTS_SANITIZED)
	SECONDS_EACH=600 $(PROVE) $(TESTS_SANITIZED)
check-asan check-ubsan:
	$(MAKE) VARIANT=asan check-prefixed
# The child of a fork can't join the parent's threads: they must not be reported as leaks.
check-tsan:
	TSAN_OPTIONS='report_thread_leaks=0 history_size=7' $(MAKE) VARIANT=tsan check-prefixed

# System calls fail: first each of them in turn, then a share of the calls that have a stand-in, under tests that do not check
# when memory goes back.
TESTS_FAULT := $(call test_programs,prefixed,fault)
TESTS_FAULTY := $(filter-out %/consumer %/handler,$(call test_programs,prefixed,model threads) \
                  $(call test_programs,preloaded,model threads fork))
.PHONY: check-fault check-faults
check-faults: all $(TESTS_FAULT) $(TESTS_FAULTY)
	SECONDS_EACH=1200 $(PROVE) $(TESTS_FAULT)
	BRIM_FAULT=brk:3,munmap:3,mremap:2,madvise:3,clone:2 SECONDS_EACH=600 $(PROVE) $(TESTS_FAULTY)
check-fault:
	$(MAKE) VARIANT=fault check-faults

# For other machines and C libraries: tests that are linked statically, without those that need glibc or a preload.
TESTS_STATIC := $(call test_programs,static,api misuse) $(call test_programs,prefixed,unit model)
# musl has no mallinfo2, and no break that grows.
ifeq ($(VARIANT),musl)
TESTS_STATIC := $(filter-out %/numbers %/runs,$(TESTS_STATIC))
endif
.PHONY: check-static
check-static: $(TESTS_STATIC)
	SECONDS_EACH=300 $(PROVE) $(TESTS_STATIC)
check-aarch64:
	$(MAKE) VARIANT=aarch64 CC=aarch64-linux-gnu-gcc AR=aarch64-linux-gnu-ar FLAGS_aarch64='$(FLAGS_release)' \
	  LDFLAGS=-static RUNNER=qemu-aarch64 check-static
check-musl:
	$(MAKE) VARIANT=musl CC=musl-gcc FLAGS_musl='$(FLAGS_release)' LDFLAGS=-static check-static
