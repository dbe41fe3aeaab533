/* usable.c: what Brim says of sizes: usable size, good size, placement; expanding in place; whose a pointer is. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include <errno.h>
#include <pthread.h>

static void usable_size(void)
{
  size_t unstable = 0, wasteful = 0, unwritable = 0, count = 0;
  for (size_t n = 1; n < 2 << 20; n += n / 50 + 1, count++) {
    unsigned char *block = malloc(n);
    size_t usable = malloc_usable_size(block);
    /* At most 12.5 % or one step of 16 bytes below the threshold, one page above. */
    size_t allowed = n < THRESHOLD ? n + n / 8 + 16 : n + PAGE;
    wasteful += usable > allowed;
    memset(block, 0xa5, usable);
    unstable += malloc_usable_size(block) != usable;
    void *neighbour = malloc(n);
    memset(neighbour, 0x11, n);
    unwritable += block[0] != 0xa5 || block[usable - 1] != 0xa5;
    free(neighbour);
    unstable += malloc_usable_size(block) != usable;
    free(block);
  }
  ok(!unstable, "malloc_usable_size is constant (%zu of %zu are not)", unstable, count);
  ok(!wasteful, "and at most 12.5 %% above the request, a page for mappings (%zu are more)", wasteful);
  ok(!unwritable, "and all of it is the caller's");
  ok(malloc_usable_size(NULL) == 0, "malloc_usable_size(NULL) is 0");
}

static void good_size(void)
{
  size_t wrong = 0, shrinking = 0, unstable = 0, previous = 0;
  for (size_t n = 0; n < 1 << 20; n += n / 60 + 1) {
    void *block = malloc(n);
    size_t good = brim_good_size(n);
    wrong += malloc_usable_size(block) != good || good < n;
    shrinking += good < previous;
    unstable += brim_good_size(good) != good;
    previous = good;
    free(block);
  }
  ok(!wrong, "brim_good_size is what malloc gives");
  ok(!shrinking && !unstable, "it grows with the request, and a good size stays one");
  ok(!brim_good_size(SIZE_MAX) && !brim_good_size((size_t)PTRDIFF_MAX + 1), "0 for an impossible size");
}

static void expand(void)
{
  char *block = malloc(100);
  size_t usable = malloc_usable_size(block);
  ok(brim_expand(block, usable) && malloc_usable_size(block) == usable, "brim_expand to the usable size");
  ok(!brim_expand(block, 1 << 20) && malloc_usable_size(block) == usable, "not to 1 MiB: nothing has changed");
  ok(!brim_expand(block, SIZE_MAX), "not to an impossible size");
  free(block);
  unsigned char *mapping = malloc(1 << 20);
  memset(mapping, 9, 1 << 20);
  errno = 4242;
  bool grew = brim_expand(mapping, 2 << 20);
  if (grew)
    memset(mapping + (1 << 20), 8, 1 << 20);
  ok(malloc_usable_size(mapping) >= (grew ? 2u << 20 : 1u << 20) && mapping[0] == 9 && mapping[(1 << 20) - 1] == 9,
     "a mapping %s where it is", grew ? "grew" : "did not grow");
  ok(brim_expand(mapping, 1 << 20), "a mapping holds what it had");
  free(mapping);
}

static void *allocate(void *size) { return malloc(*(size_t *)size); }

static void owns(void)
{
  static int variable;
  int on_stack;
  static const size_t sizes[] = {0, 16, 1000, 60000, THRESHOLD, 5 << 20};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    size_t size = sizes[i];
    char *block = malloc(size);
    bool live = brim_owns(block), inside = brim_owns(block + 8);
    free(block);
    ok(live && !inside && !brim_owns(hide(block)), "brim_owns of %zu bytes: live, not inside, not once freed", size);
    void *made;
    pthread_t thread;
    pthread_create(&thread, NULL, allocate, &size);
    pthread_join(thread, &made);
    ok(brim_owns(made), "live after its thread has ended");
    free(made);
    ok(!brim_owns(hide(made)), "freed by another thread");
  }
  ok(!brim_owns(NULL) && !brim_owns(&variable) && !brim_owns(&on_stack) && !brim_owns((void *)16) &&
         !brim_owns((void *)UINTPTR_MAX) && !brim_owns((void *)((uintptr_t)1 << 47)) && !brim_owns((void *)owns),
     "brim_owns of what is not a block");
}

int main(void)
{
  usable_size();
  good_size();
  expand();
  owns();
  void *a = malloc(0), *b = malloc(0);
  ok(a && b && a != b, "malloc(0) gives distinct blocks");
  free_sized(a, 0);
  free_aligned_sized(b, 16, 0);
  void *c = malloc(100), *d = aligned_alloc(64, 200);
  free_sized(c, 100);
  free_aligned_sized(d, 64, 200);
  cfree(NULL);
  free_sized(NULL, 0);
  free_aligned_sized(NULL, 64, 0);
  ok(!brim_owns(hide(c)) && !brim_owns(hide(d)), "free_sized and free_aligned_sized free");
  void *e = malloc(10);
  cfree(e);
  ok(!brim_owns(hide(e)), "cfree frees");
  return done_testing();
}
