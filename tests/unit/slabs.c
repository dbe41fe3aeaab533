/* slabs.c: empty slabs of wide blocks are kept within bounds, serve other sizes, and give way before fresh pages are used. */
#define _GNU_SOURCE
#include "tap.h"
#include "core/options.h"
#include "core/pagemap.h"
#include "core/runs.h"
#include "core/slabs.h"
#include "core/verify.h"
#include <brim/brim.h>

enum { LIVE = 300, SMALL = 600, WIDE = 20000, WIDER = 30000 };
static struct heap *mine;

/* A block straight from the slabs, in a new one if there is none of the class. */
static void *alone(size_t bytes)
{
  struct entry entry;
  return brimi_heap_take(mine, brimi_class_of(bytes), &entry, 1, true) ? entry.block : NULL;
}

static void give(void *block)
{
  struct slab *slab = brimi_pagemap_find(block);
  size_t index = ((uintptr_t)block - slab->start) / brimi_slab_block_bytes(slab);
  brimi_heap_give(&(struct entry){block, &slab->state[index]}, 1);
}

static struct runs_usage runs(void)
{
  struct runs_usage usage;
  brimi_runs_usage(&usage);
  return usage;
}

static size_t heap_bytes(void) { return runs().break_bytes + runs().mapped_bytes; }

/* Blocks of all sizes come and go. *most is the most bytes that were kept. */
static bool stays_in_bounds(size_t *most)
{
  static void *blocks[LIVE];
  bool within = true;
  size_t peak = 0;
  *most = 0;
  for (unsigned i = 0; i < LIVE * 20; i++) {
    void **block = &blocks[i * 7 % LIVE];
    brim_free(*block);
    *block = brim_malloc(4097 + i * 977 % 120000);
    size_t kept = mine->kept_bytes;
    peak = max_size(peak, load_relaxed(&mine->slab_bytes));
    within &= kept <= KEPT_MOST && kept <= peak / KEPT_SHARE;
    *most = max_size(*most, kept);
  }
  for (unsigned i = 0; i < LIVE; i++)
    brim_free(blocks[i]);
  return within;
}

int main(void)
{
  static void *small[SMALL]; /* so that the heap is large enough to keep any */
  for (unsigned i = 0; i < SMALL; i++)
    small[i] = brim_malloc(4000);
  mine = brimi_heap_mine();

  void *wide = alone(WIDE);
  void *start = (void *)brimi_pagemap_find(wide)->start;
  size_t before = runs().free_bytes;
  give(wide);
  ok(mine->kept_bytes == 2 * GRANULE && runs().free_bytes == before,
     "an empty slab of wide blocks is kept: %zu bytes", mine->kept_bytes);
  void *wider = alone(WIDER);
  ok(wider == start && runs().free_bytes == before && mine->kept_bytes == 0,
     "it serves another size of as many granules");
  memset(wider, 1, WIDER);
  give(wider);
  const char *broken = brimi_verify();
  ok(!broken && mine->kept_bytes, "every invariant holds while it is kept (%s)", broken ? broken : "all of them");
  int on_misuse = brimi_options.on_misuse;
  brimi_options.on_misuse = MISUSE_WARN;
  give(wider);
  brimi_options.on_misuse = on_misuse;
  broken = brimi_verify();
  ok(!broken && mine->kept_bytes == 2 * GRANULE, "and if a block of it comes back twice (%s)",
     broken ? broken : "all of them");
  ok(alone(WIDER) == start && mine->kept_bytes == 0, "and its own size");

  /* All that is free and resident is in two kept slabs of one granule each, which are enough only together. */
  brim_malloc_trim(0);
  void *first = alone(15000), *second = alone(15000);
  give(first);
  give(second);
  size_t total = heap_bytes();
  bool adjacent = (uintptr_t)second - (uintptr_t)first == GRANULE;
  struct entry entry;
  unsigned sc = brimi_class_of(WIDE);
  ok(!brimi_heap_take(mine, sc, &entry, 1, false) && brimi_slabs_release_empty(mine, true),
     "kept slabs can give way");
  unsigned taken = brimi_heap_take(mine, sc, &entry, 1, false);
  ok(adjacent && taken == 1 && entry.block == first, "where they were, others are, and no fresh pages are used");
  ok(heap_bytes() == total && mine->kept_bytes == 0, "and the heap does not grow");
  if (taken)
    give(entry.block);
  give(start);

  size_t most;
  bool within = stays_in_bounds(&most);
  ok(within && most > 0, "what is kept is bounded: %zu KiB", most >> 10);
  for (unsigned i = 0; i < SMALL; i++)
    brim_free(small[i]);
  brimi_slabs_release_empty(mine, false);
  ok(mine->kept_bytes == 0, "and goes when empty slabs are freed");
  broken = brimi_verify();
  ok(!broken, "every invariant holds (%s)", broken ? broken : "all of them");
  return done_testing();
}
