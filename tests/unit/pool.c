/* pool.c: freed mappings are found by size and age, and neighbours become one. The mappings are made up: the pool looks at their
 * records only. */
#include "tap.h"
#include "core/meta.h"
#include "core/pagemap.h"
#include "core/pool.h"
#include "os/os.h"

enum { UNIT = 1 << 20 };
static const uintptr_t base = (uintptr_t)3 << LEAF_SHIFT;

static struct slab *mapping(uintptr_t unit, size_t units, uint32_t epoch, uint8_t state)
{
  struct slab *slab = brimi_meta_alloc(brimi_slab_record(1));
  *slab =
      (struct slab){.start = base + unit * UNIT, .inverse = 1, .sc = NO_CLASS, .blocks = 1, .bytes = units * UNIT};
  slab->epoch = epoch;
  store_relaxed(&slab->state[0], state);
  brimi_pagemap_enter(slab, 1, BIN_NONE);
  return slab;
}

static bool is_at(const struct slab *slab, uintptr_t unit, size_t units)
{
  return slab && slab->start == base + unit * UNIT && slab->bytes == units * UNIT;
}

static void neighbours(void)
{
  ok(brimi_pool_put(mapping(0, 1, 1, STATE_CACHED)) == 0, "the first has no neighbour");
  ok(brimi_pool_put(mapping(2, 1, 2, STATE_CACHED_ZERO)) == 0, "nor has one behind a gap");
  ok(brimi_pool_put(mapping(1, 1, 3, STATE_CACHED_ZERO)) == 2, "what fills the gap joins both");
  ok(brimi_pool_bytes() == 3 * UNIT, "no byte is lost");
  ok(!brimi_pagemap_find((void *)(base + UNIT)) && !brimi_pagemap_find((void *)(base + 2 * UNIT)),
     "the page map forgets where the upper ones began");
  ok(!brimi_pool_take_oldest(3, SIZE_MAX), "the whole is as young as what came last");
  struct slab *whole = brimi_pool_take(3 * UNIT, 16);
  ok(is_at(whole, 0, 3) && load_relaxed(&whole->state[0]) == STATE_CACHED,
     "one mapping, of which a part is not zero");

  brimi_pool_put(mapping(10, 1, 1, STATE_CACHED_ZERO));
  brimi_pool_put(mapping(11, 1, 1, STATE_CACHED_ZERO));
  whole = brimi_pool_take(2 * UNIT, 16);
  ok(is_at(whole, 10, 2) && load_relaxed(&whole->state[0]) == STATE_CACHED_ZERO, "two that read as zero stay so");

  brimi_pool_put(mapping(20, 1, POOL_STUCK, STATE_CACHED));
  ok(brimi_pool_put(mapping(21, 1, 1, STATE_CACHED)) == 0, "one that the system would not unmap is not joined");
  ok(is_at(brimi_pool_take_oldest(UINT32_MAX, 0), 21, 1) && is_at(brimi_pool_take_stuck(), 20, 1),
     "each is had alone");
}

static void by_size_and_age(void)
{
  brimi_pool_put(mapping(30, 8, 5, STATE_CACHED));
  brimi_pool_put(mapping(40, 16, 6, STATE_CACHED));
  ok(!brimi_pool_take(10 * UNIT, 16), "none is near enough to 10 MiB");
  ok(is_at(brimi_pool_take_near(10 * UNIT), 40, 16), "the smallest that holds it is nearest");
  ok(is_at(brimi_pool_take_near(10 * UNIT), 30, 8), "then the largest that does not");
  brimi_pool_put(mapping(50, 1, 7, STATE_CACHED));
  brimi_pool_put(mapping(60, 1, 8, STATE_CACHED));
  ok(is_at(brimi_pool_take_oldest(8, SIZE_MAX), 50, 1) && !brimi_pool_take_oldest(8, SIZE_MAX),
     "what is older than 8 goes");
  ok(is_at(brimi_pool_take_oldest(0, 0), 60, 1) && !brimi_pool_bytes(), "and what is beyond the bound");
}

static void behind(void)
{
  struct slab *before = mapping(4, 2, 0, STATE_LIVE), *apart = mapping(8, 1, 0, STATE_LIVE);
  ok(!brimi_pool_take_behind(before, 1), "nothing lies behind");
  brimi_pool_put(mapping(6, 2, 1, STATE_CACHED));
  ok(!brimi_pool_take_behind(before, 3 * UNIT), "what lies behind is too small");
  ok(!brimi_pool_take_behind(apart, 1), "what lies in front is not behind");
  ok(is_at(brimi_pool_take_behind(before, 2 * UNIT), 6, 2) && !brimi_pool_bytes(), "what lies behind is had");
  brimi_pool_put(mapping(6, 2, POOL_STUCK, STATE_CACHED));
  ok(!brimi_pool_take_behind(before, 1) && is_at(brimi_pool_take_stuck(), 6, 2),
     "not what the system would not unmap");
}

int main(void)
{
  brimi_os_init();
  ok(brimi_pagemap_reserve(base, 64 * UNIT), "reserve");
  neighbours();
  by_size_and_age();
  behind();
  return done_testing();
}
