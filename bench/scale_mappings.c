/* scale_mappings.c: does the time per operation change as more large blocks are held? A block of 128 KiB or more is a
 * mapping of its own in many allocators, and the kernel's map of the process grows with each. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "scaling",
    .help = "time per replaced block of 192 KiB as more of them are held; one page of each is used",
    .quick = "100 2000",
    .full = "100 1000 10000 50000",
    .memory = 256 << 10, /* where huge pages back them, whole blocks are resident */
};

void bench_run(uint64_t held, unsigned effort)
{
  enum { BLOCK = 192 << 10, REPLACED = 20 * 1000 };
  struct bench_random random = bench_seed(0);
  char **blocks = bench_calloc(held, sizeof *blocks);
  for (uint64_t i = 0; i < held; i++) {
    blocks[i] = bench_alloc(BLOCK);
    blocks[i][0] = 1;
  }
  bench_start();
  for (uint64_t i = 0; i < (uint64_t)REPLACED * effort; i++) {
    char **slot = &blocks[bench_below(&random, held)];
    free(*slot);
    *slot = bench_alloc(BLOCK);
    (*slot)[0] = 1;
  }
  bench_stop();
  bench_count((uint64_t)REPLACED * effort);
  bench_live(held * 4096);
}
