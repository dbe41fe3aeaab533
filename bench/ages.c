/* ages.c: fragmentation over ages. The sizes that a program asks for change with time, and of every age some blocks stay:
 * what was freed in one age does not fit the next. The live set is the same in every age; the peak RSS shows the rest. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "the live set is renewed in ages, each of other sizes, and a tenth of each age stays; the point is the "
            "live set",
    .quick = "16M",
    .full = "64M",
};

enum { AGES = 12, STAYS = 10 };

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

void bench_run(uint64_t live, unsigned effort)
{
  static const size_t typical[] = {24, 400, 64, 2500, 160, 12000};
  struct block *ages[AGES];
  struct bench_random random = bench_seed(0);
  for (unsigned round = 0; round < (effort + 3) / 4; round++) {
    uint64_t stays = 0;
    for (int age = 0; age < AGES; age++) {
      ages[age] = fill(&random, typical[age % 6], live > stays ? live - stays : 0);
      stays += thin(&random, &ages[age], STAYS);
    }
    for (int age = 0; age < AGES; age++)
      thin(&random, &ages[age], 0);
  }
  bench_live(live);
}
