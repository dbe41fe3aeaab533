/* resize.c: buffers that grow and shrink by realloc, as those for a file, a message or a picture do. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "50 blocks get other sizes by realloc, at random, from a sixteenth of the point to the point; what is "
            "new is used",
    .quick = "64K",
    .full = "64K 1M",
};

enum { BLOCKS = 50, SHARE = 16 };

void bench_run(uint64_t largest, unsigned effort)
{
  uint64_t resized = (largest > 65536 ? 20 : 200) * UINT64_C(1000) * effort, live = 0;
  struct bench_random random = bench_seed(0);
  char *blocks[BLOCKS] = {NULL};
  size_t sizes[BLOCKS] = {0};
  for (uint64_t i = 0; i < resized; i++) {
    size_t at = bench_below(&random, BLOCKS), old = sizes[at];
    size_t size = largest / SHARE + bench_below(&random, largest - largest / SHARE) + 1;
    blocks[at] = bench_realloc(blocks[at], size);
    if (size > old)
      bench_touch(blocks[at] + old, size - old);
    live += size - old;
    sizes[at] = size;
    bench_live(live);
  }
  for (size_t i = 0; i < BLOCKS; i++)
    free(blocks[i]);
  bench_count(resized);
}
