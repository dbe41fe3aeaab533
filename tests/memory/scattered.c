/* scattered.c: of blocks that are freed at random, one in twenty surviving, every whole page without a survivor goes
 * back, though nobody calls the allocator again. */
#define _GNU_SOURCE
#include "memory/heap.h"

static struct heap heap;

static int free_and_wait(void *max_size)
{
  size_t total = (size_t)(long_run() ? 1024 : 256) << 20, max = *(size_t *)max_size;
  struct rng rng = {7};
  heap = heap_books(total, max / 16);
  heap_fill(&heap, total, 16, max);
  for (size_t i = 0; i < heap.count; i++)
    if (rng_below(&rng, 20))
      heap_free(&heap, i);
  /* The allocator's own records may stay: 2 % of what the heap was. */
  bool down = heap_comes_down(&heap, heap_pages(&heap) + total / 50);
  return !down || !heap_intact(&heap);
}

int main(void)
{
  static size_t max_sizes[] = {2000, 16 << 10, 64 << 10, 1 << 20};
  for (size_t i = 0; i < sizeof max_sizes / sizeof *max_sizes; i++) {
    struct ending end = ended_as(free_and_wait, &max_sizes[i], 300);
    ok(!end.signal && !end.code, "pages without a survivor go back, blocks to %zu bytes", max_sizes[i]);
  }
  return done_testing();
}
