/* large.c: large blocks, a few at a time, each used on every page: buffers, images, matrices. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "16 blocks from 128 KiB up to the point are replaced at random, each page of them written",
    .quick = "1M 64M",
    .full = "256K 1M 8M 64M",
};

void bench_run(uint64_t largest, unsigned effort)
{
  enum { LIVE = 16, SMALLEST = 128 << 10 };
  void *blocks[LIVE] = {NULL};
  size_t sizes[LIVE] = {0};
  struct bench_random random = bench_seed(0);
  uint64_t bytes = 0, ops = 0, live = 0, budget = ((uint64_t)(largest < (8 << 20) ? 2048 : 512) << 20) * effort;
  unsigned doublings = 0;
  while ((uint64_t)SMALLEST << (doublings + 1) <= largest)
    doublings++;
  for (; bytes < budget; ops++) {
    uint64_t slot = bench_below(&random, LIVE);
    /* Each doubling is as likely as the others; within it, every size. */
    size_t size = (size_t)SMALLEST << bench_below(&random, doublings ? doublings : 1);
    size += bench_below(&random, size);
    free(blocks[slot]);
    blocks[slot] = bench_alloc(size);
    bench_touch(blocks[slot], size);
    live += size - sizes[slot];
    sizes[slot] = size;
    bytes += size;
    bench_live(live);
  }
  for (int i = 0; i < LIVE; i++)
    free(blocks[i]);
  bench_count(ops);
}
