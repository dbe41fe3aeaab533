/* pool.c: freed mappings are found by size and age, and neighbours become one. The mappings do not exist: the pool looks only at
 * their records. */
#include "tap.h"
#include "rng.h"
#include "core/meta.h"
#include "core/pagemap.h"
#include "core/pool.h"
#include "core/verify.h"
#include "os/os.h"

enum { UNIT = 1 << 20, UNITS = 2000 };
static const uintptr_t base = (uintptr_t)3 << LEAF_SHIFT;

static struct slab *mapping(uintptr_t unit, size_t units, uint32_t epoch, uint8_t state)
{
  struct slab *slab = brimi_meta_alloc(POOL_RECORD);
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
  ok(load_relaxed(&brimi_pool_bytes) == 3 * UNIT, "no byte is lost");
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
  ok(is_at(brimi_pool_take_near(10 * UNIT, 16), 40, 16), "the smallest that holds it is nearest");
  ok(is_at(brimi_pool_take_near(10 * UNIT, 16), 30, 8), "then the largest that does not");
  brimi_pool_put(mapping(30, 8, 5, STATE_CACHED));
  ok(!brimi_pool_holds(PTRDIFF_MAX) && !brimi_pool_take(PTRDIFF_MAX, 16) &&
         is_at(brimi_pool_take_near(PTRDIFF_MAX, 16), 30, 8),
     "also if no mapping can be as large");
  brimi_pool_put(mapping(33, 6, 5, STATE_CACHED));
  brimi_pool_put(mapping(48, 8, 5, STATE_CACHED));
  ok(is_at(brimi_pool_take_near(5 * UNIT, 16 * UNIT), 48, 8) && is_at(brimi_pool_take_near(5 * UNIT, 1), 33, 6),
     "the nearest that is aligned, if it has to be, is not the nearest");
  brimi_pool_put(mapping(48, 16, 5, STATE_CACHED));
  ok(!brimi_pool_take_near(17 * UNIT, 16 * UNIT) && is_at(brimi_pool_take_near(17 * UNIT, 1), 48, 16),
     "one that does not hold it is not had for an aligned request, which would move as it grows");
  brimi_pool_put(mapping(50, 1, 7, STATE_CACHED));
  brimi_pool_put(mapping(60, 1, 8, STATE_CACHED));
  ok(is_at(brimi_pool_take_oldest(8, SIZE_MAX), 50, 1) && !brimi_pool_take_oldest(8, SIZE_MAX),
     "what is older than 8 goes");
  ok(is_at(brimi_pool_take_oldest(0, 0), 60, 1) && !load_relaxed(&brimi_pool_bytes), "and what is beyond the bound");
}

static void behind(void)
{
  struct slab *before = mapping(4, 2, 0, STATE_LIVE), *apart = mapping(8, 1, 0, STATE_LIVE);
  ok(!brimi_pool_take_behind(before, 1), "nothing lies behind");
  brimi_pool_put(mapping(6, 2, 1, STATE_CACHED));
  ok(!brimi_pool_take_behind(before, 3 * UNIT), "what lies behind is too small");
  ok(!brimi_pool_take_behind(apart, 1), "what lies in front is not behind");
  ok(is_at(brimi_pool_take_behind(before, 2 * UNIT), 6, 2) && !load_relaxed(&brimi_pool_bytes),
     "what lies behind is had");
  brimi_pool_put(mapping(6, 2, POOL_STUCK, STATE_CACHED));
  ok(!brimi_pool_take_behind(before, 1) && is_at(brimi_pool_take_stuck(), 6, 2),
     "not what the system would not unmap");
}

static bool all_is_well(void)
{
  const char *broken = brimi_pool_verify();
  diag("%s", broken ? broken : "every invariant of the pool holds");
  return !broken;
}

/* More mappings than a search looks at one by one. Each has one unit; a gap of two units follows it. */
static void many(void)
{
  enum { EACH = 3, MANY = UNITS / EACH };
  for (uintptr_t i = 0; i < MANY; i++)
    brimi_pool_put(mapping(i * EACH, 1, 1, STATE_CACHED));
  ok(load_relaxed(&brimi_pool_bytes) == (size_t)MANY * UNIT && all_is_well(), "%d mappings", MANY);
  ok(brimi_pool_put(mapping(1, 2, 2, STATE_CACHED)) == 2,
     "the first of them is found by its end, the next by its start");
  ok(is_at(brimi_pool_take_near(3 * UNIT, 16), 0, 4), "what three have become is found by its size");
  ok(!brimi_pool_holds(UNIT + 1) && brimi_pool_holds(UNIT), "no other is larger than before");
  ok(is_at(brimi_pool_take_near(8 * UNIT, 16), 2 * EACH, 1), "of those that hold too little, the first freed is had");
  unsigned joined = 0;
  for (uintptr_t i = 3; i + 1 < MANY; i++)
    joined += brimi_pool_put(mapping(i * EACH + 1, 2, 3, STATE_CACHED));
  ok(joined == 2 * (MANY - 4) && all_is_well(), "what fills the other gaps joins all");
  ok(is_at(brimi_pool_take_oldest(0, 0), 3 * EACH, (MANY - 4) * EACH + 1) && !load_relaxed(&brimi_pool_bytes) &&
         all_is_well(),
     "to one mapping");
}

/* Cuts off what is beyond `units`, as large.c does. */
static void cut(struct slab *slab, size_t units)
{
  size_t rest = slab->bytes / UNIT - units;
  if (!rest)
    return;
  slab->bytes = units * UNIT;
  brimi_pool_put(mapping((slab->start - base) / UNIT + units, rest, 1, STATE_CACHED));
}

/* Puts and takes at random; no byte is lost. */
static void at_random(void)
{
  enum { ROUNDS = 20000, MOST = 20 };
  static struct slab *out[UNITS / MOST * 2]; /* those that are not in the pool */
  struct rng rng = {1};
  size_t units = UNITS; /* in the pool */
  unsigned wrong = 0;
  brimi_pool_put(mapping(0, UNITS, 1, STATE_CACHED));
  for (unsigned round = 0; round < ROUNDS; round++) {
    struct slab **place = &out[rng_below(&rng, COUNT_OF(out))];
    size_t wanted = 1 + rng_below(&rng, MOST);
    if (*place) {
      units += (*place)->bytes / UNIT;
      brimi_pool_put(*place);
      *place = NULL;
    } else if ((*place = brimi_pool_take_near(wanted * UNIT, 16))) {
      if ((*place)->bytes >= wanted * UNIT)
        cut(*place, wanted);
      else
        wrong += brimi_pool_holds(wanted * UNIT);
      units -= (*place)->bytes / UNIT;
    }
    wrong += load_relaxed(&brimi_pool_bytes) != units * UNIT;
  }
  ok(!wrong && all_is_well(), "%d steps at random, %zu MiB in the pool at the end", ROUNDS, units);
}

/* The record of a block that was made apart lies in front of the block's first pages, and is not used again when it ends. */
static void made_apart(void)
{
  static struct {
    struct slab slab;
    char state_and_links[1 + 2 * POOL_LINKS];
  } apart;
  apart.slab =
      (struct slab){.start = base + UNIT, .inverse = 1, .sc = NO_CLASS, .blocks = 1, .bytes = UNIT, .listed = true};
  store_relaxed(&apart.slab.state[0], STATE_CACHED);
  brimi_pagemap_enter(&apart.slab, 1, BIN_NONE);
  brimi_pool_put(mapping(0, 1, 1, STATE_CACHED));
  ok(brimi_pool_put(&apart.slab) == 1, "one that was made apart is joined");
  bool used = false;
  for (int i = 0; i < 100; i++)
    used |= brimi_meta_alloc(POOL_RECORD) == &apart;
  ok(!used && is_at(brimi_pool_take(2 * UNIT, 16), 0, 2), "and its record is not used for another");
}

/* The verifier must see what is broken on purpose. */
static void broken_on_purpose(void)
{
  struct slab *slab = mapping(0, 4, 1, STATE_CACHED);
  brimi_pool_put(slab);
  size_t bytes = slab->bytes, sum = brimi_pool_bytes;
  slab->start += UNIT;
  ok(brimi_pool_verify() != NULL, "a mapping that moved: %s", brimi_pool_verify());
  slab->start -= UNIT;
  slab->bytes = bytes * 4;
  ok(brimi_pool_verify() != NULL, "one that grew: %s", brimi_pool_verify());
  slab->bytes = bytes;
  slab->epoch = POOL_STUCK;
  ok(brimi_pool_verify() != NULL, "one that is stuck, among the others: %s", brimi_pool_verify());
  slab->epoch = 1;
  brimi_pool_bytes = sum + 1;
  ok(brimi_pool_verify() != NULL, "a wrong sum: %s", brimi_pool_verify());
  brimi_pool_bytes = sum;
  ok(all_is_well() && is_at(brimi_pool_take(4 * UNIT, 16), 0, 4), "all is mended");
}

int main(void)
{
  brimi_os_init();
  ok(brimi_pagemap_reserve(base, (size_t)UNITS * UNIT, LEAF_HEAP), "reserve");
  made_apart();
  broken_on_purpose();
  neighbours();
  by_size_and_age();
  behind();
  many();
  at_random();
  return done_testing();
}
