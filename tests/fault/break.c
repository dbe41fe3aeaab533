/* break.c: while a heap can't be entered in the page map, the break does not move up for it, however often that is tried.
 * Needs VARIANT=fault. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include "fault/built_in.h"

enum { BYTES = 8 << 20, TRIES = 1000 };

/* Two leaves are there from the beginning; those that follow would be mapped. */
static int use_all_then_try(void *unused)
{
  (void)unused;
  brim_mallopt(M_MMAP_THRESHOLD, 1 << 30);
  brimi_fault_configure("mmap:1+");
  while (malloc(BYTES))
    ;
  char *top = sbrk(0);
  for (int i = 0; i < TRIES; i++)
    if (malloc(BYTES))
      return 72;
  return sbrk(0) != top;
}

int main(void)
{
  if (!faults_are_built_in()) {
    skip("no faults are built in: make check-fault");
    return done_testing();
  }
  struct ending end = ended_as(use_all_then_try, NULL, 60);
  ok(!end.signal && !end.code, "what is refused does not move the break");
  return done_testing();
}
