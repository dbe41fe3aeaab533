/* 3-bump.c: a bump allocator on sbrk, at work
 *
 * docs/learn/3-a-bump-allocator.md; the allocator is 3-bump.h, its test 3-check.c */
#define _DEFAULT_SOURCE
#include "lab.h"
#include "3-bump.h"

static void report(const struct bump *bump, const char *when)
{
  printf("  %-28s used %5zu, free %5zu, taken %5zu\n", when, bump_used(bump), bump_free(bump),
         (size_t)(bump->end - bump->start));
}

int main(void)
{
  lab_begin();
  if (!break_moves())
    return EXIT_SUCCESS;
  picture("before");
  struct bump bump;
  if (!bump_init(&bump, 16 * BUMP_CHUNK))
    give_up("bump_init");
  printf("Blocks from chunks of %d bytes\n", BUMP_CHUNK);
  report(&bump, "at first");
  char *a = bump_alloc(&bump, 100);
  report(&bump, "after 100 bytes");
  char *b = bump_alloc(&bump, 1);
  char *c = bump_alloc(&bump, 24);
  report(&bump, "after 1 and 24 more");
  printf("  addresses: %p, +%td, +%td\n", (void *)a, b - a, c - a);
  expect((uintptr_t)b % BUMP_ALIGN == 0 && b - a == 112, "100 bytes end at 100; the next multiple of 16 is 112");
  expect(c - b == 16, "a block of 1 byte costs 16");
  char *d = bump_alloc(&bump, 10000);
  report(&bump, "after 10000 more");
  if (!a || !b || !c || !d)
    give_up("bump_alloc");
  expect(bump.end - bump.start == 3 * BUMP_CHUNK, "10,160 bytes take three chunks");
  memset(d, 'd', 10000);
  picture("after");

  printf("Full: its limit is %d chunks\n", 16);
  size_t used = bump_used(&bump);
  errno = 0;
  expect(!bump_alloc(&bump, 16 * BUMP_CHUNK) && errno == ENOMEM, "too much is NULL and ENOMEM");
  expect(bump_used(&bump) == used && d[9999] == 'd', "a refusal changes nothing");
  expect(bump_alloc(&bump, 100), "a request that fits is served after it");

  printf("Reset: all at once, and there is no other way\n");
  bump_reset(&bump);
  report(&bump, "after reset");
  expect(bump_alloc(&bump, 100) == a, "the first block's address is handed out again");
  expect(bump_destroy(&bump) && sbrk(0) == bump.start, "at the end the break is where it was");
  return lab_end();
}
