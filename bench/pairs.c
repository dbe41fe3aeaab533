/* pairs.c: blocks are freed right after they were allocated, on the shortest path of every allocator. */
#include "bench.h"

#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "malloc and free of one block of a size, again and again",
    .quick = "16 4096",
    .full = "16 256 4096 32768",
};

void bench_run(uint64_t size, unsigned effort)
{
  enum { DEPTH = 8, ROUNDS = 400 * 1000 };
  void *blocks[DEPTH];
  /* Some allocators give such large blocks back to the system each time. */
  uint64_t rounds = (uint64_t)ROUNDS * effort / (size > 8192 ? 32 : 1);
  /* Eight deep, last in, first out, as in nested calls of a program. */
  for (uint64_t round = 0; round < rounds; round++) {
    for (int i = 0; i < DEPTH; i++) {
      blocks[i] = bench_alloc(size);
      *(volatile char *)blocks[i] = 1;
    }
    for (int i = DEPTH; i-- > 0;)
      free(blocks[i]);
  }
  bench_count(rounds * DEPTH);
}
