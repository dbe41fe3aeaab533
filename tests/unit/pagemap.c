/* pagemap.c: every address finds the span that is entered for its granule, and nothing else. */
#include "tap.h"
#include "core/pagemap.h"
#include "os/os.h"

static bool finds(uintptr_t address, struct slab *expected)
{
  return brimi_pagemap_find((void *)address) == expected;
}

int main(void)
{
  static struct slab a = {.inverse = INVERSE_MAPPING}, b = {.inverse = INVERSE_MAPPING},
                     c = {.inverse = INVERSE_MAPPING};
  const uintptr_t granule = GRANULE, leaf = (uintptr_t)1 << LEAF_SHIFT, top = (uintptr_t)1 << (ADDRESS_BITS - 1);
  brimi_os_init();
  ok(finds(0, NULL) && finds(UINTPTR_MAX, NULL) && finds(top, NULL) && finds((uintptr_t)&a, NULL),
     "an empty map finds nothing, whatever the address");
  ok(!brimi_pagemap_first_span(NULL) && !brimi_pagemap_second_span(NULL) &&
         !brimi_pagemap_second_span((void *)(top - 1)),
     "nor without the root");

  const uintptr_t mapping = 9 * leaf;
  ok(brimi_pagemap_reserve(mapping, granule, LEAF_MAPPING) && !brimi_pagemap_first_span((void *)mapping),
     "a large block before the first small one leaves the first leaf to those");
  ok(brimi_pagemap_reserve(leaf, 3 * granule, LEAF_HEAP), "reserve");
  a.start = leaf;
  brimi_pagemap_enter(&a, 3, BIN_NONE);
  ok(finds(leaf - 1, NULL) && finds(leaf, &a) && finds(leaf + 3 * granule - 1, &a) && finds(leaf + 3 * granule, NULL),
     "a span of three granules, and its ends");
  const uintptr_t beyond = (uintptr_t)1 << ADDRESS_BITS;
  ok(finds(0, NULL) && finds(2 * leaf, NULL) && finds(leaf + top, NULL) && finds(leaf + beyond, NULL) &&
         finds(leaf + (UINTPTR_MAX / 2 + 1), NULL) && finds(leaf - beyond, NULL),
     "and nothing at the same place in another GiB, nor outside user space");

  /* Over the border of two leaves. */
  uintptr_t border = 5 * leaf;
  ok(brimi_pagemap_reserve(border - granule, 2 * granule, LEAF_HEAP), "reserve on both sides of a border");
  b.start = border - granule;
  brimi_pagemap_enter(&b, 2, BIN_NONE);
  ok(finds(border - granule - 1, NULL) && finds(border - granule, &b) && finds(border, &b) &&
         finds(border + granule - 1, &b) && finds(border + granule, NULL),
     "a span over the border of two leaves");

  const void *first = (void *)leaf, *second = (void *)mapping, *third = (void *)border;
  ok(brimi_pagemap_first_span(first) == brimi_pagemap_root_span(first) && !brimi_pagemap_first_span(second) &&
         !brimi_pagemap_first_span(third),
     "the first leaf is found without the root, for its GiB only");
  ok(brimi_pagemap_second_span(second) == brimi_pagemap_root_span(second) && !brimi_pagemap_second_span(first) &&
         !brimi_pagemap_second_span(third),
     "and so is the second");

  ok(brimi_pagemap_reserve(top - granule, granule, LEAF_HEAP), "the highest granule of user space");
  c.start = top - granule;
  brimi_pagemap_enter(&c, 1, BIN_NONE);
  ok(finds(top - 1, &c) && finds(top, NULL), "is found, and nothing behind it");
  ok(!brimi_pagemap_reserve(beyond, granule, LEAF_HEAP) &&
         !brimi_pagemap_reserve(beyond - granule, 2 * granule, LEAF_HEAP),
     "what lies outside user space is refused");

  brimi_pagemap_forget(leaf, 3);
  ok(finds(leaf, NULL) && finds(leaf + 2 * granule, NULL) && finds(border, &b), "a span that has gone is not found");
  return done_testing();
}
