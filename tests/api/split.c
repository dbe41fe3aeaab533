/* split.c: a kept mapping that is cut for a smaller request, where the two parts lie in different leaves of the page map. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"

int main(int argc, char **argv)
{
  (void)argc;
  if (!getenv("BRIM_CACHE_MAX")) {
    setenv("BRIM_CACHE_MAX", "16G", 1);
    execv("/proc/self/exe", argv);
  }
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
