/* batches.c: many blocks of a size are allocated, then all freed in the order of their allocation. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "20,000 blocks of a size are allocated, then freed in the same order",
    .quick = "32 512",
    .full = "16 32 128 512 2048",
};

void bench_run(uint64_t size, unsigned effort)
{
  enum { BATCH = 20000 };
  static void *blocks[BATCH];
  unsigned rounds = 20000 / (unsigned)(size + 64) * effort;
  for (unsigned round = 0; round < rounds; round++) {
    for (int i = 0; i < BATCH; i++) {
      blocks[i] = bench_alloc(size);
      *(volatile char *)blocks[i] = 1;
    }
    for (int i = 0; i < BATCH; i++)
      free(blocks[i]);
  }
  bench_live(BATCH * size);
  bench_count((uint64_t)BATCH * rounds);
}
