/* top.c: one live block at the top of the heap pins its page, not the heap; a heap that is freed whole goes back. */
#define _GNU_SOURCE
#include "memory/heap.h"

static struct heap heap;

static int keep_top(void *kept)
{
  size_t total = 128 << 20;
  heap = heap_books(total, 500);
  heap_fill(&heap, total, 16, 8000);
  size_t top = 0;
  for (size_t i = 0; i < heap.count; i++)
    top = heap.block[i] > heap.block[top] ? i : top;
  for (size_t i = 0; i < heap.count; i++)
    if (!*(bool *)kept || i != top)
      heap_free(&heap, i);
  /* This thread's bins stay, and the allocator's records: 1 % of what the heap was. */
  bool down = heap_comes_down(&heap, (2 << 20) + total / 100);
  return !down || !heap_intact(&heap);
}

int main(void)
{
  static bool one = true, none = false;
  struct ending end = ended_as(keep_top, &one, 100);
  ok(!end.signal && !end.code, "with one live block at the top the rest of the heap goes back");
  end = ended_as(keep_top, &none, 100);
  ok(!end.signal && !end.code, "with none, all of it does");
  return done_testing();
}
