/* calloc.c: cleared arrays, each read and written in a few places: tables that a program fills sparsely. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "cleared blocks of a size, 64 live at a time",
    .quick = "64 65536",
    .full = "64 4096 65536 1M",
};

void bench_run(uint64_t size, unsigned effort)
{
  enum { LIVE = 64 };
  char *blocks[LIVE] = {NULL};
  uint64_t rounds = ((uint64_t)1 << 31) / (size + 512) * effort;
  struct bench_random random = bench_seed(0);
  for (uint64_t round = 0; round < rounds; round++) {
    char **slot = &blocks[bench_below(&random, LIVE)];
    free(*slot);
    *slot = bench_calloc(1, size);
    if ((*slot)[size / 2])
      abort(); /* not cleared */
    (*slot)[0] = (*slot)[size / 2] = (*slot)[size - 1] = 1;
  }
  for (int i = 0; i < LIVE; i++)
    free(blocks[i]);
  bench_count(rounds);
  bench_live(LIVE * size);
}
