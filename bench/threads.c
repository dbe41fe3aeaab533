/* threads.c: short threads, each with a little work; half of what they allocate outlives them. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help =
        "threads come and go; each frees half of its blocks, the rest is freed by a later one; the point is how many "
        "live at a time",
    .quick = "4",
    .full = "4 32",
};

enum { BLOCKS = 200, THREADS = 2000, AT_A_TIME_MAX = 256 };

static void *left[AT_A_TIME_MAX][BLOCKS];

static void run(unsigned number)
{
  struct bench_random random = bench_seed(number);
  for (int i = 0; i < BLOCKS; i++) {
    size_t size = bench_size(&random);
    void *old = left[number][i], *block = bench_alloc(size);
    bench_touch(block, size);
    left[number][i] = i % 2 ? block : NULL;
    free(old);
    if (i % 2 == 0)
      free(block);
  }
}

void bench_run(uint64_t at_a_time, unsigned effort)
{
  unsigned rounds = THREADS * effort / (unsigned)at_a_time;
  for (unsigned i = 0; i < rounds; i++)
    bench_threads((unsigned)at_a_time, run);
  for (uint64_t i = 0; i < at_a_time; i++)
    for (int j = 0; j < BLOCKS; j++)
      free(left[i][j]);
  bench_count((uint64_t)rounds * at_a_time);
}
