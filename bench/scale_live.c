/* scale_live.c: does the time per operation, or the overhead per byte, change as the live set grows? */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "scaling",
    .help = "time per replaced block, and peak RSS per live byte, as the live set grows",
    .quick = "1M 16M 64M",
    .full = "1M 8M 64M 512M 2G 8G",
    .memory = 2, /* allocators differ in what they need beside the blocks */
};

enum { REPLACED = 1000 * 1000, MEAN_SIZE = 700 };

void bench_run(uint64_t live, unsigned effort)
{
  struct bench_random random = bench_seed(0);
  uint64_t slots = live / MEAN_SIZE, total = 0;
  void **blocks = bench_calloc(slots, sizeof *blocks);
  for (uint64_t i = 0; i < slots; i++) {
    size_t size = bench_size(&random);
    blocks[i] = bench_alloc(size);
    bench_touch(blocks[i], size);
    total += size;
  }
  bench_live(total);
  bench_start();
  for (uint64_t i = 0; i < (uint64_t)REPLACED * effort; i++) {
    void **slot = &blocks[bench_below(&random, slots)];
    size_t size = bench_size(&random);
    free(*slot);
    *slot = bench_alloc(size);
    bench_touch(*slot, size);
  }
  bench_stop();
  bench_count((uint64_t)REPLACED * effort);
}
