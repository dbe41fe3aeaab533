/* trim.c: malloc_trim(0) gives memory back at once, even what other threads hold free. */
#define _GNU_SOURCE
#include "memory/heap.h"
#include <pthread.h>

enum { THREADS = 8 };

static pthread_barrier_t step;

/* Allocates 8 MiB, frees it, and waits without another call. */
static void *free_and_sleep(void *unused)
{
  enum { N = 20000 };
  void **blocks = mmap(NULL, N * sizeof *blocks, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (size_t i = 0; i < N; i++)
    memset(blocks[i] = malloc(16 + i % 800), 1, 16 + i % 800);
  for (size_t i = 0; i < N; i++)
    free(blocks[i]);
  munmap(blocks, N * sizeof *blocks);
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  return unused;
}

static int trim_with_threads(void *unused)
{
  pthread_t threads[THREADS];
  struct heap heap = {.base = rss_bytes()};
  pthread_barrier_init(&step, NULL, THREADS + 1);
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, free_and_sleep, unused))
      return 71;
  pthread_barrier_wait(&step);
  size_t before = rss_bytes() - heap.base;
  int gave_back = malloc_trim(0);
  size_t after = rss_bytes() - heap.base;
  diag("resident %zu KiB, after malloc_trim %zu KiB, result %d", before >> 10, after >> 10, gave_back);
  pthread_barrier_wait(&step);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  /* The stack of each thread stays, and what is in its bins, with the pages of these blocks: 8 KiB of each small class that it has
   * used, and the room that bins share, 512 KiB for a thread that came while there were few. */
  return after > THREADS * (size_t)(1 << 20);
}

static int trim_survivors(void *unused)
{
  (void)unused;
  struct rng rng = {7};
  size_t total = 128 << 20;
  struct heap heap = heap_books(total, 2000);
  heap_fill(&heap, total, 16, 32 << 10);
  for (size_t i = 0; i < heap.count; i++)
    if (rng_below(&rng, 20))
      heap_free(&heap, i);
  size_t before = rss_bytes() - heap.base;
  malloc_trim(0);
  size_t after = rss_bytes() - heap.base, needed = heap_pages(&heap);
  diag("resident %zu KiB, after malloc_trim %zu KiB, pages with survivors %zu KiB", before >> 10, after >> 10,
       needed >> 10);
  return after > needed + total / 50 || !heap_intact(&heap);
}

int main(void)
{
  struct ending end = ended_as(trim_survivors, NULL, 100);
  ok(!end.signal && !end.code, "malloc_trim(0) gives back every page without a survivor");
  end = ended_as(trim_with_threads, NULL, 100);
  ok(!end.signal && !end.code, "malloc_trim(0) gives back what sleeping threads hold free beyond their bins");
  return done_testing();
}
