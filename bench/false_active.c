/* false_active.c: active false sharing, as in Berger et al. ("Hoard", 2000): threads that allocate at the same time are
 * given blocks on one cache line, and slow each other down when they write. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help =
        "threads allocate small blocks at the same time and write to them often; the point is the number of threads",
    .quick = "2",
    .full = "2 8",
};

enum { BLOCK = 8, BLOCKS = 4000, WRITES = 2000 };

static unsigned rounds;

static void run(unsigned number)
{
  (void)number;
  for (unsigned i = 0; i < rounds; i++) {
    volatile char *block = bench_alloc(BLOCK);
    for (unsigned j = 0; j < WRITES; j++)
      block[j % BLOCK]++;
    free((void *)block);
  }
}

void bench_run(uint64_t threads, unsigned effort)
{
  rounds = BLOCKS * effort * 8 / (unsigned)threads;
  bench_threads((unsigned)threads, run);
  bench_count(rounds * threads);
}
