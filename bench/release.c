/* release.c: after a peak most of the memory is freed, and the program goes on with little work. The RSS at the end shows
 * what is still held a second later. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "64 MiB (full: 512) of mixed blocks are freed but for one in the point (0: all); RSS at end is a second "
            "later",
    .quick = "100",
    .full = "0 20 100 1000",
};

void bench_run(uint64_t survivors, unsigned effort)
{
  enum { PEAK = 64 << 20 };
  uint64_t peak = (uint64_t)PEAK * effort, slots = peak / 128, total = 0, n = 0;
  void **blocks = bench_calloc(slots, sizeof *blocks);
  struct bench_random random = bench_seed(0);
  bench_start();
  for (; total < peak && n < slots; n++) {
    size_t size = bench_size(&random);
    blocks[n] = bench_alloc(size);
    bench_touch(blocks[n], size);
    total += size;
  }
  for (uint64_t i = 0; i < n; i++)
    if (!survivors || bench_below(&random, survivors) != 0)
      free(blocks[i]);
  bench_stop();
  free(blocks);
  bench_count(2 * n);
  bench_live(total);
  bench_idle_second();
}
