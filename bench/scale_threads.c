/* scale_threads.c: does the time per operation change as threads are added that share nothing? The work is divided among
 * them, so that with enough processors the time falls. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "scaling",
    .help = "time per replaced block as threads are added; the work in all is the same",
    .quick = "1 4 16",
    .full = "1 2 4 8 16 32 64",
};

enum { REPLACED = 2000 * 1000, SLOTS = 1000 };

static unsigned replaced;

static void run(unsigned number)
{
  struct bench_random random = bench_seed(number);
  void **blocks = bench_calloc(SLOTS, sizeof *blocks);
  for (unsigned i = 0; i < replaced; i++) {
    void **slot = &blocks[bench_below(&random, SLOTS)];
    size_t size = bench_size(&random);
    free(*slot);
    *slot = bench_alloc(size);
    bench_touch(*slot, size);
  }
  for (int i = 0; i < SLOTS; i++)
    free(blocks[i]);
  free(blocks);
}

void bench_run(uint64_t threads, unsigned effort)
{
  replaced = REPLACED / (unsigned)threads * effort;
  bench_start();
  bench_threads((unsigned)threads, run);
  bench_stop();
  bench_count(replaced * threads);
  /* The mean size is about 640 bytes. */
  bench_live(threads * SLOTS * 640);
}
