/* heap.h: a heap of blocks of mixed sizes for the tests of what goes back to the system. The list of the blocks lies in a
 * mapping of its own, which is touched before anything is measured. */
#ifndef BRIM_TESTS_HEAP_H
#define BRIM_TESTS_HEAP_H

#include "tap.h"
#include "proc.h"
#include "rng.h"
#include <malloc.h>

struct heap {
  unsigned char **block; /* NULL once freed */
  uint32_t *size;
  size_t count, capacity, live_bytes;
  size_t base; /* resident bytes before the first block */
};

/* An empty list for a heap of `bytes` of blocks that are `mean` bytes long on average. */
__attribute__((unused)) static struct heap heap_books(size_t bytes, size_t mean)
{
  struct heap heap = {.capacity = bytes / mean * 2};
  size_t book = heap.capacity * (sizeof *heap.block + sizeof *heap.size);
  void *pages = mmap(NULL, book, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (pages == MAP_FAILED)
    _exit(71);
  heap.block = (unsigned char **)pages;
  heap.size = (uint32_t *)(heap.block + heap.capacity);
  return heap;
}

/* Allocates and touches blocks of min..max bytes, of all magnitudes, until they add up to `bytes`. */
__attribute__((unused)) static void heap_fill(struct heap *heap, size_t bytes, size_t min, size_t max)
{
  struct rng rng = {bytes};
  for (heap->base = rss_bytes(); heap->live_bytes < bytes && heap->count < heap->capacity; heap->count++) {
    size_t size = min + rng_size(&rng, max - min);
    unsigned char *block = malloc(size);
    memset(block, (int)heap->count, size);
    heap->block[heap->count] = block;
    heap->size[heap->count] = (uint32_t)size;
    heap->live_bytes += size;
  }
}

__attribute__((unused)) static void heap_free(struct heap *heap, size_t at)
{
  if (!heap->block[at])
    return;
  free(heap->block[at]);
  heap->block[at] = NULL;
  heap->live_bytes -= heap->size[at];
}

/* Whether every block that is live holds what it was filled with. */
__attribute__((unused)) static bool heap_intact(const struct heap *heap)
{
  for (size_t i = 0; i < heap->count; i++)
    for (size_t k = 0; heap->block[i] && k < heap->size[i]; k++)
      if (heap->block[i][k] != (unsigned char)i)
        return false;
  return true;
}

/* Bytes of the pages that hold a live block. Blocks are in order of age, not of address, hence a bit for each page. */
__attribute__((unused)) static size_t heap_pages(const struct heap *heap)
{
  uintptr_t low = UINTPTR_MAX, high = 0, page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (size_t i = 0; i < heap->count; i++)
    if (heap->block[i]) {
      uintptr_t start = (uintptr_t)heap->block[i] / page, end = ((uintptr_t)heap->block[i] + heap->size[i]) / page;
      low = start < low ? start : low;
      high = end > high ? end : high;
    }
  if (low > high)
    return 0;
  size_t bytes = (high - low) / 8 + 1, pages = 0;
  unsigned char *bit = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (size_t i = 0; i < heap->count; i++)
    for (uintptr_t at = (uintptr_t)heap->block[i]; heap->block[i] && at < (uintptr_t)heap->block[i] + heap->size[i];
         at = (at / page + 1) * page) {
      size_t index = at / page - low;
      pages += !(bit[index / 8] >> index % 8 & 1);
      bit[index / 8] |= (unsigned char)(1u << index % 8);
    }
  munmap(bit, bytes);
  return pages * page;
}

/* Waits, without calling the allocator, until at most `bytes` more are resident than at the start: a second in a long
 * run, as promised; else up to ten, for a machine that is busy with other tests. */
__attribute__((unused)) static bool heap_comes_down(const struct heap *heap, size_t bytes)
{
  int waited = 0, limit = long_run() ? 1000 : 10000;
  size_t first = rss_bytes() - heap->base, rss = first;
  for (; rss > bytes && waited < limit; waited += 50) {
    sleep_ms(50);
    size_t now = rss_bytes();
    rss = now > heap->base ? now - heap->base : 0;
  }
  diag("live %zu KiB, resident %zu KiB, then %zu KiB after %d ms; allowed %zu KiB", heap->live_bytes >> 10,
       first >> 10, rss >> 10, waited, bytes >> 10);
  return rss <= bytes;
}

#endif
