/* warn.c: with BRIM_ON_MISUSE=warn the same line is printed, the call is ignored, and the program goes on with its heap
 * intact. */
#define _GNU_SOURCE
#include "tap.h"
#include "rng.h"
#include "api/names.h"
#include "model/pattern.h"

/* Random use of the heap, checked; overlapping blocks would damage each other. */
static int heap_is_intact(void)
{
  enum { N = 3000 };
  static unsigned char *block[N];
  static size_t size[N];
  struct rng rng = {3};
  for (int i = 0; i < 60000; i++) {
    size_t at = rng_below(&rng, N);
    if (block[at] && !pattern_holds(block[at], at, size[at]))
      return 1;
    free(block[at]);
    size[at] = rng_size(&rng, rng_below(&rng, 100) ? 2000 : 400000);
    block[at] = malloc(size[at]);
    pattern_fill(block[at], at, 0, size[at]);
  }
  return 0;
}

/* A thousand misuses of each kind, with stderr silenced: 5,000 lines would not fit into the pipe. */
static int many_wrongs(void *unused)
{
  (void)unused;
  if (!freopen("/dev/null", "w", stderr))
    return 70;
  for (size_t n = 1; n < 1000; n++) {
    char *block = malloc(n * n % 5000 + 1), *other = malloc(n), *large = malloc(200000 + n * 100);
    free(hide(block));
    free(hide(block));
    free(hide(other + 8));
    if (realloc(hide(block), 100) || malloc_usable_size(hide(block)))
      return 2;
    free(hide(large));
    free(hide(large));
    free(hide(&n));
    free(other);
    free(hide(other));
  }
  return heap_is_intact();
}

static int one_wrong(void *unused)
{
  (void)unused;
  char *block = malloc(48);
  tap_accused->address = (uintptr_t)block;
  free(hide(block));
  free(hide(block));
  return heap_is_intact();
}

int main(int argc, char **argv)
{
  (void)argc;
  /* The option is read at the first call, which the loader may have made for libc. */
  if (!getenv("BRIM_ON_MISUSE")) {
    setenv("BRIM_ON_MISUSE", "warn", 1);
    execv("/proc/self/exe", argv);
    skip("this program can't be started anew here (an emulator): the option stays at its default");
    return done_testing();
  }
  dies_with(0, "brim: free(): double free of @ (class 48, freed block)\n", one_wrong, NULL,
            "a double free is said, and the program goes on");
  struct ending end = ended_as(many_wrongs, NULL, 60);
  ok(!end.signal && !end.code, "after 7,000 wrongs the heap is intact (signal %d, exit code %d)", end.signal,
     end.code);
  return done_testing();
}
