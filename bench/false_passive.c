/* false_passive.c: passive false sharing, as in Berger et al. ("Hoard", 2000): blocks on one cache line are handed to
 * several threads, which free them; an allocator that gives them out again to the same threads keeps the line shared. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "as false_active, but each thread first frees a block that the main thread allocated for it",
    .quick = "2",
    .full = "2 8",
};

enum { BLOCK = 8, BLOCKS = 4000, WRITES = 2000, THREADS_MAX = 256 };

static unsigned rounds;
static void *given[THREADS_MAX];

static void run(unsigned number)
{
  free(given[number]);
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
  for (uint64_t i = 0; i < threads && i < THREADS_MAX; i++)
    given[i] = bench_alloc(BLOCK);
  bench_threads((unsigned)threads, run);
  bench_count(rounds * threads);
}
