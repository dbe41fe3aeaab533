/* placement.c: blocks below 128 KiB lie in the break heap, blocks from 128 KiB up in a mapping of their own. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include "api/names.h"

static bool in_break_heap(const void *block)
{
  struct mapping m;
  return mapping_of(block, &m) && m.heap && (uintptr_t)block < (uintptr_t)sbrk(0);
}

static void small_blocks(void)
{
  size_t outside = 0, count = 0;
  for (size_t n = 1; n < THRESHOLD; n += n / 4 + 1, count++) {
    char *block = malloc(n), *aligned = aligned_alloc(64, n);
    outside += !in_break_heap(block) || !in_break_heap(aligned) || !in_break_heap(block + n - 1);
    struct brim_placement place = brim_place(n);
    outside += place.source != BRIM_SOURCE_BREAK;
    free(aligned);
    free(block);
  }
  ok(!outside, "%zu sizes below 128 KiB lie between the heap's start and sbrk(0)", count);
  char *last = malloc(THRESHOLD - 1);
  ok(in_break_heap(last), "so does a block of 128 KiB less 1");
  free(last);
}

static void large_blocks(void)
{
  size_t inside = 0, unaligned = 0, wrong = 0, count = 0;
  for (size_t n = THRESHOLD; n < 64 << 20; n += n / 3 + 1, count++) {
    char *block = malloc(n);
    block[0] = block[n - 1] = 1;
    inside += in_break_heap(block);
    unaligned += (uintptr_t)block % PAGE != 0;
    struct brim_placement place = brim_place(n);
    wrong += place.source != BRIM_SOURCE_MAPPING || place.block_bytes % PAGE || place.block_bytes < n ||
             place.block_bytes != malloc_usable_size(block) || place.slab_bytes != place.block_bytes;
    free(block);
  }
  ok(!inside && !unaligned, "%zu sizes from 128 KiB up lie in mappings, on a page", count);
  ok(!wrong, "brim_place says so, and how large");
}

/* A large block is not resident until it is touched; a freed one is gone after a trim. */
static void mappings_are_lazy_and_leave(void)
{
  malloc_trim(0);
  size_t size = 64 << 20, before = rss_bytes();
  char *block = malloc(size);
  ok(rss_bytes() < before + (1 << 20), "64 MiB that nobody touches are not resident");
  memset(block, 1, size);
  ok(rss_bytes() >= before + size, "touched, they are");
  free(block);
  malloc_trim(0);
  struct mapping m;
  ok(rss_bytes() < before + (1 << 20), "freed and trimmed, they are not");
  ok(!mapping_of(block, &m), "and the address is no longer mapped");
}

static void place_tells_the_classes(void)
{
  size_t wrong = 0, steps = 0;
  for (size_t n = 0; n < THRESHOLD; steps++) {
    struct brim_placement place = brim_place(n), last = brim_place(place.next_size - 1);
    wrong += place.next_size <= n || place.block_bytes != brim_good_size(n) || last.size_class != place.size_class ||
             last.block_bytes != place.block_bytes || place.slab_blocks * place.block_bytes > place.slab_bytes ||
             place.slab_blocks == 0;
    if (place.next_size <= n)
      break;
    n = place.next_size;
  }
  ok(!wrong && steps > 8, "brim_place walks all %zu classes by next_size", steps);
  ok(brim_place(SIZE_MAX).source == BRIM_SOURCE_NONE, "and places nothing impossible");
}

/* If the threshold is the size of a class, the class does not serve that size any more, whatever lies in its bin. */
static void threshold_of_a_class(void)
{
  enum { N = 20, SIZE = 4096 };
  char *below[N];
  mallopt(M_MMAP_THRESHOLD, SIZE);
  for (int i = 0; i < N; i++)
    below[i] = malloc(SIZE - 1);
  bool inside = in_break_heap(below[0]);
  for (int i = 0; i < N; i++)
    free(below[i]);
  char *block = malloc(SIZE), *aligned = aligned_alloc(64, SIZE);
  ok(inside && !in_break_heap(block) && !in_break_heap(aligned),
     "with a threshold of 4096, 4095 lie in the heap, 4096 do not");
  free(block);
  free(aligned);
}

int main(void)
{
  void *first = malloc(1);
  if (!heap_start())
    skip("no [heap] in /proc/self/maps: no break here");
  else
    small_blocks();
  large_blocks();
  mappings_are_lazy_and_leave();
  place_tells_the_classes();
  if (heap_start())
    threshold_of_a_class();
  free(first);
  return done_testing();
}
