/* checked.c: a program whose compiler checks sizes (_FORTIFY_SOURCE, on by default in some) may use all of a block that was
 * expanded in place: a region's at once, others after a realloc that moves nothing. */
#undef _FORTIFY_SOURCE
#define _FORTIFY_SOURCE 2
#include "tap.h"
#include <brim/region.h>

enum { BEFORE = 100, AFTER = 300, LARGE = 200000 };

static int grow_in_region(void *unused)
{
  struct brim_region *region = brim_region_create(NULL);
  char *block = brim_region_alloc(region, BEFORE), *aligned = brim_region_alloc_aligned(region, 64, BEFORE);
  (void)unused;
  memset(block, 1, BEFORE);
  if (!brim_region_expand(region, aligned, BEFORE, AFTER))
    return 1;
  memset(aligned, 2, hide_size(AFTER));
  brim_region_destroy(region);
  return 0;
}

static int grow_in_place(void *unused)
{
  char *block = brim_malloc(LARGE);
  size_t size = brim_malloc_usable_size(block);
  (void)unused;
  while (brim_expand(block, size + 4096) && size < 2 * LARGE)
    size += 4096;
  char *same = brim_realloc(block, size);
  memset(same, 3, hide_size(size));
  char *small = brim_malloc(BEFORE), *whole = brim_realloc(small, brim_malloc_usable_size(small));
  memset(whole, 4, hide_size(brim_malloc_usable_size(small)));
  int moved = (same != block) + (whole != small);
  brim_free(same);
  brim_free(whole);
  return moved;
}

static void goes_well(int (*act)(void *), const char *name)
{
  struct ending end = ended_as(act, NULL, 60);
  if (!ok(!end.signal && !end.code && !end.text[0], "%s", name))
    diag("signal %d, exit code %d, stderr: %.300s", end.signal, end.code, end.text);
}

int main(void)
{
  goes_well(grow_in_region, "brim_region_expand");
  goes_well(grow_in_place, "brim_expand and brim_malloc_usable_size, then brim_realloc");
  return done_testing();
}
