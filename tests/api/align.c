/* align.c: every block is aligned as promised, for every size and every way to ask. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include "proc.h"

static void sixteen_for_every_size(void)
{
  size_t bad = 0, short_blocks = 0, total = 0;
  void *previous = NULL;
  for (size_t n = 1; n <= 64 << 10; n++, total++) {
    char *block = malloc(n);
    bad += (uintptr_t)block % 16 != 0;
    short_blocks += malloc_usable_size(block) < n;
    block[0] = block[n - 1] = 1;
    /* Two sizes live at a time, so that blocks are not all the same one. */
    free(previous);
    previous = block;
  }
  free(previous);
  ok(!bad, "malloc(1..64Ki) is aligned to 16 (%zu of %zu are not)", bad, total);
  ok(!short_blocks, "and usable for what was asked");
  bad = 0;
  for (size_t n = 1; n <= 64 << 10; n += 7) {
    void *zeroed = calloc(n, 1), *resized = realloc(malloc(n / 2 + 1), n);
    bad += ((uintptr_t)zeroed | (uintptr_t)resized) % 16 != 0;
    free(zeroed);
    free(resized);
  }
  ok(!bad, "calloc and realloc too");
}

/* Asks for `alignment` in each way and writes the first and the last byte. */
static void every_way(size_t alignment, size_t size)
{
  void *blocks[3] = {aligned_alloc(alignment, size), memalign(alignment, size), NULL};
  if (alignment >= sizeof(void *) && posix_memalign(&blocks[2], alignment, size))
    blocks[2] = NULL;
  bool aligned = true, usable = true;
  for (int i = 0; i < 3; i++) {
    if (i == 2 && alignment < sizeof(void *))
      continue;
    char *block = blocks[i];
    aligned &= block && (uintptr_t)block % alignment == 0 && (uintptr_t)block % 16 == 0;
    usable &= block && malloc_usable_size(block) >= size;
    if (block && size)
      block[0] = block[size - 1] = 1;
  }
  ok(aligned && usable, "alignment %zu, size %zu", alignment, size);
  for (int i = 0; i < 3; i++)
    free(blocks[i]);
}

static void every_alignment(void)
{
  static const size_t sizes[] = {0, 1, 17, 100, 4096, 5000, 100000, THRESHOLD - 1, THRESHOLD, 300000};
  for (size_t alignment = 1; alignment <= (size_t)1 << 30; alignment *= 2)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
      every_way(alignment, hide_size(sizes[i]));
}

/* A freed block that served another request of the same class is aligned for this one. */
static void used_before(void)
{
  enum { N = 4 };
  size_t bad = 0, count = 0;
  for (size_t alignment = 1; alignment <= 16384; alignment *= 2)
    for (size_t size = 1; size < THRESHOLD; size += size / 9 + 1, count++) {
      void *block[N];
      for (int i = 0; i < N; i++)
        block[i] = malloc(size);
      for (int i = 0; i < N; i++)
        free(block[i]);
      for (int i = 0; i < N; i++) {
        block[i] = aligned_alloc(alignment, size);
        bad += !block[i] || (uintptr_t)block[i] % alignment || malloc_usable_size(block[i]) < size;
      }
      for (int i = 0; i < N; i++)
        free(block[i]);
    }
  ok(!bad && count > 500, "%zu alignments and sizes, from memory that was in use", count);
}

/* Many at once: each within the others' gaps, none overlapping. */
static void aligned_neighbours(void)
{
  enum { N = 300 };
  static unsigned char *block[N];
  bool aligned = true, intact = true;
  for (int i = 0; i < N; i++) {
    size_t alignment = (size_t)16 << i % 12, size = (size_t)(i * 37 % 3000 + 1);
    block[i] = aligned_alloc(alignment, size);
    aligned &= (uintptr_t)block[i] % alignment == 0;
    memset(block[i], i, size);
  }
  for (int i = 0; i < N; i++) {
    size_t size = (size_t)(i * 37 % 3000 + 1);
    for (size_t k = 0; k < size; k++)
      intact &= block[i][k] == (unsigned char)i;
    free(block[i]);
  }
  ok(aligned && intact, "%d aligned blocks side by side keep their bytes", N);
}

static void aligned_blocks_resize(void)
{
  bool intact = true;
  for (size_t alignment = 32; alignment <= 1 << 20; alignment *= 2) {
    unsigned char *block = aligned_alloc(alignment, 1000);
    memset(block, 7, 1000);
    block = realloc(block, 200000);
    for (int k = 0; k < 1000; k++)
      intact &= block[k] == 7;
    block = realloc(block, 500);
    for (int k = 0; k < 500; k++)
      intact &= block[k] == 7;
    free(block);
  }
  ok(intact, "an aligned block can be resized and keeps its bytes");
}

/* A freed block that lies in a bin when an aligned one is taken from it is not lost. */
static void nothing_is_lost(void)
{
  size_t before = rss_bytes();
  for (int i = 0; i < 100000; i++) {
    void *plain = malloc(1000), *aligned = aligned_alloc(64, 1000);
    memset(plain, 1, 1000);
    free(plain);
    free(aligned);
  }
  size_t after = rss_bytes();
  ok(after < before + (4 << 20), "100,000 aligned blocks, one at a time, take no memory (%zu KiB)",
     (after - before) >> 10);
}

static void pages(void)
{
  void *v = valloc(100), *pv = pvalloc(100), *pv0 = pvalloc(0), *pv2 = pvalloc(PAGE + 1);
  ok((uintptr_t)v % PAGE == 0, "valloc is aligned to the page");
  ok((uintptr_t)pv % PAGE == 0 && malloc_usable_size(pv) >= PAGE, "pvalloc is aligned to and rounded to the page");
  ok(pv0 && (uintptr_t)pv0 % PAGE == 0, "pvalloc(0) is a page-aligned block");
  ok((uintptr_t)pv2 % PAGE == 0 && malloc_usable_size(pv2) >= 2 * PAGE, "pvalloc rounds up to two pages");
  free(v), free(pv), free(pv0), free(pv2);
}

static void alignment_of_an_address(void)
{
  ok(memalignment(NULL) == 0, "memalignment(NULL) is 0");
  bool right = true;
  for (unsigned bit = 0; bit < 64; bit++)
    right &= memalignment((void *)((uintptr_t)1 << bit)) == (size_t)1 << bit;
  ok(right && memalignment((void *)(uintptr_t)0x1030) == 16, "memalignment of every power of two, and of 0x1030");
}

int main(void)
{
  sixteen_for_every_size();
  every_alignment();
  used_before();
  aligned_neighbours();
  aligned_blocks_resize();
  nothing_is_lost();
  pages();
  alignment_of_an_address();
  return done_testing();
}
