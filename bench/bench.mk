# bench.mk: the cases of `brim bench`: every bench/*.c but the harness is a program, every bench/programs/*.sh a script.
BENCH_C   := $(filter-out bench/bench.c,$(sort $(wildcard bench/*.c)))
BENCH_SH  := $(sort $(wildcard bench/programs/*.sh))
BENCHES   := $(BENCH_C:bench/%.c=$(B)/bench/%) $(BENCH_SH:bench/programs/%.sh=$(B)/bench/%)

.PHONY: benches
all: benches
benches: $(BENCHES)

# -fno-builtin: a compiler that knows what malloc and free do drops pairs of them.
$(B)/bench/%: bench/%.c bench/bench.c bench/bench.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -fno-builtin $(LDFLAGS) -o $@ $< bench/bench.c -pthread
$(B)/bench/%: bench/programs/%.sh
	@mkdir -p $(@D)
	$(INSTALL) -m 755 $< $@

BENCH_ROOT := $(DESTDIR)$(PREFIX)/libexec/brim
.PHONY: install-benches uninstall-benches check-bench
install: install-benches
install-benches: benches
	$(INSTALL) -d "$(BENCH_ROOT)/bench"
	$(INSTALL) -m 755 $(BENCHES) "$(BENCH_ROOT)/bench"
uninstall: uninstall-benches
uninstall-benches:
	rm -rf "$(BENCH_ROOT)"

# The tests of `brim compare` and `brim bench` themselves.
check-bench: all
	BUILD=$(B) prove tests/bench/*.t
