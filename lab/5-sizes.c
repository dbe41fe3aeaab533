/* 5-sizes.c: malloc(64) against malloc(256 KiB), under one malloc
 *
 * docs/learn/5-small-and-large.md; 5-sizes.sh runs it under every allocator that is installed.
 *   5-sizes [LABEL]      a table; its heading without a label, or with LAB_HEADING in the environment
 *   5-sizes LABEL sweep  one line a size: LABEL,size,nanoseconds for one malloc + touch + free, the best mean of 5 */
#define _DEFAULT_SOURCE
#include "lab.h"
#include "5-syscalls.h"

#include <math.h>

enum { SMALL = 64, LARGE = 256 << 10, MANY = 1000 };
static size_t size;
static char *volatile seen; /* keeps the compiler from dropping a malloc and its free */

static void use_once(void)
{
  char *block = malloc_or_exit(size);
  touch(block, size);
  seen = block;
  free(block);
}

static void use_many(void)
{
  for (int i = 0; i < MANY; i++)
    use_once();
}

/* What one use, or the mean of many, has cost. */
struct cost {
  double ns, faults;
};

/* A use that stops to ask where the block lies. */
static struct cost first_cost(const char **region)
{
  long faults = page_faults();
  double start = nanoseconds();
  char *block = malloc_or_exit(size);
  touch(block, size);
  struct cost cost = {nanoseconds() - start, (double)(page_faults() - faults)};
  *region = region_of(block);
  seen = block;
  free(block);
  return cost;
}

static struct cost later_cost(void)
{
  use_once();
  long faults = page_faults();
  double start = nanoseconds();
  use_many();
  return (struct cost){(nanoseconds() - start) / MANY, (double)(page_faults() - faults) / MANY};
}

/* malloc's first steps (its own tables, its first chunk) are no part of the answer. */
static void wake_malloc(void)
{
  seen = malloc_or_exit(1000);
  free(seen);
}

static void row(const char *label, size_t bytes)
{
  size = bytes;
  /* Counted in children, before this process has used the size: each starts from the same point. */
  long first_calls = syscalls_of(NULL, use_once), later_calls = syscalls_of(use_once, use_many);
  const char *first_region, *second_region;
  struct cost first = first_cost(&first_region);
  first_cost(&second_region);
  struct cost later = later_cost();
  /* Calls that could not be counted, for nobody may trace here, are printed as "nan": not a number. */
  printf("%-10s %7zu  %-7s %8.0f %6.0f %5.0f   %-7s %8.0f %6.1f %5.1f\n", label, bytes, first_region, first.ns,
         first.faults, first_calls < 0 ? NAN : (double)first_calls, second_region, later.ns, later.faults,
         later_calls < 0 ? NAN : (double)later_calls / MANY);
}

static void sweep(const char *label)
{
  for (size = 64; size <= (1 << 20); size *= 2) {
    double best = 1e18; /* other programs only ever make it slower */
    for (int i = 0; i < 5; i++) {
      double start = nanoseconds();
      use_many();
      double each = (nanoseconds() - start) / MANY;
      best = each < best ? each : best;
    }
    printf("%s,%zu,%.1f\n", label, size, best);
  }
}

int main(int argc, char **argv)
{
  lab_begin();
  const char *label = argc > 1 ? argv[1] : "malloc";
  wake_malloc();
  if (argc > 2 && !strcmp(argv[2], "sweep")) {
    sweep(label);
    return lab_end();
  }
  picture("before");
  if (argc <= 1 || getenv("LAB_HEADING")) {
    printf("%19s the first use%19s the uses after it (mean of %d)\n", "", "", MANY);
    printf("%-10s %7s  %-7s %8s %6s %5s   %-7s %8s %6s %5s\n", "", "bytes", "where", "ns", "faults", "calls", "where",
           "ns", "faults", "calls");
  }
  row(label, SMALL);
  row(label, LARGE);
  char *small = malloc_or_exit(SMALL), *large = malloc_or_exit(LARGE), *second = malloc_or_exit(LARGE);
  touch(large, LARGE);
  touch(second, LARGE);
  seen = small;
  picture("after");
  return lab_end();
}
