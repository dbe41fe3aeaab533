/* grow.c: strings grow by realloc, a few bytes at a time and several side by side, as text is read or put together. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "16 strings grow side by side by realloc, by an eighth each time; the point is the length they reach",
    .quick = "4K 4M",
    .full = "4K 64K 4M 32M",
};

enum { STRINGS = 16 };

static uint64_t grow_all(size_t length)
{
  char *strings[STRINGS] = {NULL};
  uint64_t steps = 0;
  for (size_t size = 16, old = 0; size <= length; old = size, size += size / 8 + 8)
    for (int i = 0; i < STRINGS; i++, steps++) {
      strings[i] = bench_realloc(strings[i], size);
      memset(strings[i] + old, 'x', size - old);
    }
  for (int i = 0; i < STRINGS; i++)
    free(strings[i]);
  return steps;
}

void bench_run(uint64_t length, unsigned effort)
{
  uint64_t steps = 0, budget = (uint64_t)(length < 65536 ? 256 : 64) << 20;
  for (uint64_t bytes = 0; bytes < budget * effort; bytes += STRINGS * length)
    steps += grow_all(length);
  bench_count(steps);
  bench_live(STRINGS * length);
}
