/* ages.c: after 90 % of a heap of mixed sizes is freed in contiguous ages, resident memory falls to 1.25 times the live
 * bytes, though nobody calls the allocator again. */
#define _GNU_SOURCE
#include "memory/heap.h"
#include <pthread.h>

struct ages {
  const char *name;
  size_t kept;    /* the tenth that survives, 0 the oldest */
  bool in_thread; /* freed by a thread that then ends */
  size_t max_size;
};

static struct heap heap;

static void *free_ages(void *argument)
{
  const struct ages *ages = argument;
  size_t tenth = heap.count / 10, first = tenth * ages->kept;
  for (size_t i = 0; i < heap.count; i++)
    if (i < first || i >= first + tenth)
      heap_free(&heap, i);
  return NULL;
}

/* In a child, so that each case starts with an empty heap. */
static int free_and_wait(void *argument)
{
  struct ages *ages = argument;
  size_t total = (size_t)(long_run() ? 1024 : 256) << 20;
  heap = heap_books(total, ages->max_size / 16);
  heap_fill(&heap, total, 16, ages->max_size);
  if (ages->in_thread) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, free_ages, ages))
      return 71;
    pthread_join(thread, NULL);
  } else
    free_ages(ages);
  bool down = heap_comes_down(&heap, heap.live_bytes + heap.live_bytes / 4);
  return !down || !heap_intact(&heap);
}

int main(void)
{
  static struct ages cases[] = {
      {"the youngest tenth survives", 9, false, 64 << 10},
      {"the oldest tenth survives", 0, false, 64 << 10},
      {"a tenth in the middle survives", 4, false, 64 << 10},
      {"the thread that freed has ended", 4, true, 64 << 10},
      {"small blocks, the youngest tenth survives", 9, false, 1000},
      {"blocks and mappings to 1 MiB, a tenth in the middle survives", 4, false, 1 << 20},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct ending end = ended_as(free_and_wait, &cases[i], 300);
    ok(!end.signal && !end.code, "resident memory falls to 1.25 times the live bytes: %s", cases[i].name);
  }
  return done_testing();
}
