/* sparse.c: a large heap of blocks of which the program writes little costs what was written: no huge pages are spent on the
 * rest, though all slabs are full. If its first blocks are written whole and later ones not, half of its size at most is wasted. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include "rng.h"

enum { TOTAL = 96 << 20 };

struct sparse {
  size_t filled; /* bytes of blocks that are written whole first */
  size_t min, max, wasted;
};

static int touch_little(void *argument)
{
  const struct sparse *sparse = argument;
  struct rng rng = {7};
  size_t page = (size_t)sysconf(_SC_PAGESIZE), base = rss_bytes(), touched = 0;
  for (size_t bytes = 0; bytes < sparse->filled; bytes += 1000)
    memset(malloc(1000), 1, 1000);
  for (size_t bytes = 0, size; bytes < TOTAL; bytes += size, touched += page) {
    size = sparse->min + rng_below(&rng, sparse->max - sparse->min + 1);
    *(volatile char *)malloc(size) = 1;
  }
  /* The allocator's records: 3 % for the small blocks that are written whole, 1 % for the others. */
  size_t resident = rss_bytes() - base,
         allowed = sparse->filled + touched + sparse->filled / 32 + TOTAL / 100 + (2 << 20);
  diag("written %zu KiB whole, %zu KiB of pages; resident %zu KiB", sparse->filled >> 10, touched >> 10,
       resident >> 10);
  return resident > allowed + sparse->wasted;
}

int main(void)
{
  static const struct {
    const char *name;
    struct sparse sparse;
  } cases[] = {
      {"a byte of each block of 16 KiB", {0, 16384, 16384, 0}},
      {"a byte of each block of 4 to 128 KiB", {0, 4097, 131000, 0}},
      {"the same after 40 MiB that are written whole", {40 << 20, 4097, 131000, 20 << 20}},
  };
  start_with("BRIM_HUGE_PAGES", "2");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct ending end = ended_as(touch_little, (void *)(uintptr_t)&cases[i].sparse, 60);
    ok(!end.signal && !end.code, "what is resident is what was written: %s", cases[i].name);
  }
  return done_testing();
}
