/* churn.c: a random block of a live set is freed and replaced by one of another size, as in a server's caches. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "random blocks of a live set are replaced; the point is the number of live blocks",
    .quick = "1000 100000",
    .full = "1000 10000 400000",
};

void bench_run(uint64_t slots, unsigned effort)
{
  enum { ROUNDS = 1500 * 1000 };
  struct bench_random random = bench_seed(0);
  void **blocks = bench_calloc(slots, sizeof *blocks);
  uint32_t *sizes = bench_calloc(slots, sizeof *sizes);
  uint64_t live = 0;
  for (uint64_t round = 0; round < (uint64_t)ROUNDS * effort; round++) {
    uint64_t slot = round < slots ? round : bench_below(&random, slots);
    size_t size = bench_size(&random);
    free(blocks[slot]);
    blocks[slot] = bench_alloc(size);
    bench_touch(blocks[slot], size);
    live += size - sizes[slot];
    sizes[slot] = (uint32_t)size;
    bench_live(live);
  }
  for (uint64_t i = 0; i < slots; i++)
    free(blocks[i]);
  free(blocks);
  free(sizes);
  bench_count((uint64_t)ROUNDS * effort);
}
