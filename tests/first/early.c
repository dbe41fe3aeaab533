/* early.c: the first call comes when a program has hardly begun: from preinit_array, a constructor, or an IFUNC resolver
 * that runs while the loader still relocates. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include <errno.h>

/* What each place got: every kind of block, written to. */
struct haul {
  unsigned char *block[5];
  bool zero;
};

static struct haul from_preinit, from_constructor, from_resolver;

static void take(struct haul *haul)
{
  void *aligned = NULL;
  free(NULL);
  haul->block[0] = malloc(100);
  haul->block[1] = calloc(1, 200);
  haul->zero = haul->block[1] && !haul->block[1][0] && !memcmp(haul->block[1], haul->block[1] + 1, 199);
  haul->block[2] = realloc(malloc(10), 300);
  haul->block[3] = malloc(300000);
  haul->block[4] = posix_memalign(&aligned, 4096, 400) ? NULL : aligned;
  for (int i = 0; i < 5; i++)
    if (haul->block[i])
      memset(haul->block[i], i + 1, 100);
  free(malloc(5000));
}

static void preinit(int argc, char **argv, char **environment)
{
  (void)argc, (void)argv, (void)environment;
  take(&from_preinit);
}
__attribute__((section(".preinit_array"), used)) static void (*run_preinit)(int, char **, char **) = preinit;

__attribute__((constructor(101))) static void construct(void) { take(&from_constructor); }

static int answer(void) { return 42; }

/* The loader calls this while it relocates the program. */
__attribute__((used, no_sanitize("all"))) static int (*resolve(void))(void)
{
  take(&from_resolver);
  return answer;
}
static int resolved(void) __attribute__((ifunc("resolve")));

static void check(struct haul *haul, const char *name)
{
  bool whole = true;
  for (int i = 0; i < 5; i++) {
    whole &= haul->block[i] && haul->block[i][0] == i + 1 && haul->block[i][99] == i + 1;
    free(haul->block[i]);
  }
  ok(whole && haul->zero, "blocks from %s are whole and can be freed", name);
}

int main(void)
{
  ok(resolved() == 42, "the resolver ran");
  check(&from_resolver, "an IFUNC resolver");
  check(&from_preinit, "preinit_array");
  check(&from_constructor, "a constructor");
  return done_testing();
}
