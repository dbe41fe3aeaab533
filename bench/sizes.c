/* sizes.c: blocks of any size come and go at random, as many in each doubling of the size: buffers, documents, tables. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help =
        "200 blocks of 16 bytes to the point, as many of each doubling, are replaced at random; each page is used",
    .quick = "64K",
    .full = "64K 1M",
};

enum { SLOTS = 200 };

/* From 16 bytes to `largest`: each doubling is equally likely, and within it each size. */
static size_t any_size(struct bench_random *random, uint64_t largest)
{
  const size_t smallest = 16;
  unsigned doublings = 0;
  while (smallest << (doublings + 1) <= largest)
    doublings++;
  size_t least = smallest << bench_below(random, doublings);
  return least + bench_below(random, least);
}

void bench_run(uint64_t largest, unsigned effort)
{
  uint64_t replaced = (largest > 65536 ? 200 : 1000) * UINT64_C(1000) * effort, live = 0;
  struct bench_random random = bench_seed(0);
  void *blocks[SLOTS] = {NULL};
  size_t sizes[SLOTS] = {0};
  for (uint64_t i = 0; i < replaced; i++) {
    size_t slot = bench_below(&random, SLOTS), size = any_size(&random, largest);
    free(blocks[slot]);
    blocks[slot] = bench_alloc(size);
    bench_touch(blocks[slot], size);
    live += size - sizes[slot];
    sizes[slot] = size;
    bench_live(live);
  }
  for (size_t i = 0; i < SLOTS; i++)
    free(blocks[i]);
  bench_count(replaced);
}
