/* split.c: a kept mapping is cut for a smaller request, and the two parts lie in different leaves of the page map; another one
 * gives its first page to the block in front of it. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"

/* The rest of a block that was cut lies behind it; the block grows into it by a page, and the rest is allocated. */
static void grow_by_a_page(void)
{
  enum { WHOLE = 2 << 20, PART = 256 << 10 };
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char *block = realloc(malloc(WHOLE), PART), *rest[2];
  bool grew = brim_expand(block, PART + page);
  block[PART + page - 1] = 1;
  for (size_t i = 0; i < 2; i++)
    memset(rest[i] = malloc(WHOLE / 2), 1, WHOLE / 2);
  ok(grew && block[PART + page - 1] == 1 && brim_owns(rest[0]) && brim_owns(rest[1]),
     "a block of %d KiB has grown by a page, two that were allocated then are known", PART >> 10);
  free(rest[0]);
  free(rest[1]);
  free(block);
}

int main(int argc, char **argv)
{
  (void)argc;
  if (!getenv("BRIM_CACHE_MAX")) {
    setenv("BRIM_CACHE_MAX", "16G", 1);
    execv("/proc/self/exe", argv);
  }
  free(malloc(100));
  grow_by_a_page();
  /* Address space only: nothing is touched but the ends. */
  char *large = malloc((size_t)5 << 30);
  if (!large) {
    skip("no address space for 5 GiB");
    return done_testing();
  }
  free(large);
  char *small = malloc((size_t)5 << 28);
  small[0] = small[((size_t)5 << 28) - 1] = 1;
  ok(malloc_usable_size(small) >= (size_t)5 << 28, "1.25 GiB from a freed mapping of 5 GiB");
  char *other = malloc((size_t)3 << 30);
  other[0] = 1;
  ok(other && other != small, "3 GiB beside it");
  free(small);
  free(other);
  return done_testing();
}
