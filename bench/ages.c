/* ages.c: fragmentation over a long run. The sizes that a program asks for change from age to age, and some blocks of every
 * age stay for a while, so that what was freed in one age does not fit the next. Each age has as many live bytes; what the peak
 * RSS has beyond them is waste, and the RSS at the end shows how much of it stays when the program has nothing to do. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help =
        "8 MiB (full: 64) are renewed in ages of other sizes, a tenth of each stays for 12 ages; the point is the "
        "ages; RSS at end is a second later",
    .quick = "12",
    .full = "12 48",
};

enum { STAYING = 12, STAYS = 10, LIVE = 8 << 20 };

struct block {
  struct block *next;
  size_t size;
};

/* Blocks of this age's sizes, `bytes` in all. */
static struct block *fill(struct bench_random *random, size_t typical, uint64_t bytes)
{
  struct block *list = NULL;
  for (uint64_t total = 0; total < bytes;) {
    size_t size = sizeof *list + typical / 2 + bench_below(random, typical);
    struct block *block = bench_alloc(size);
    bench_touch(block, size);
    *block = (struct block){list, size};
    list = block;
    total += size;
    bench_count(1);
  }
  return list;
}

/* Frees all but one block in `stays`; returns the bytes that are left in the list. */
static uint64_t thin(struct bench_random *random, struct block **list, unsigned stays)
{
  uint64_t left = 0;
  while (*list) {
    struct block *block = *list;
    if (stays && bench_below(random, stays) == 0) {
      left += block->size;
      list = &block->next;
    } else {
      *list = block->next;
      free(block);
    }
  }
  return left;
}

void bench_run(uint64_t ages, unsigned effort)
{
  static const size_t typical[] = {24, 400, 64, 2500, 160, 12000};
  struct {
    struct block *blocks;
    uint64_t bytes;
  } staying[STAYING] = {0}, *age;
  uint64_t live = (uint64_t)LIVE * effort, stays = 0;
  struct bench_random random = bench_seed(0);
  bench_start();
  for (uint64_t i = 0; i < ages; i++) {
    age = &staying[i % STAYING];
    thin(&random, &age->blocks, 0);
    stays -= age->bytes;
    age->blocks = fill(&random, typical[i % 6], live - stays);
    age->bytes = thin(&random, &age->blocks, STAYS);
    stays += age->bytes;
  }
  bench_stop();
  bench_live(live);
  bench_idle_second();
}
