/* pages.c: the heap where a page is larger than a granule, as with the 64 KiB pages of aarch64. The system takes whole pages, even
 * if only part of one was named: what lies beside a free granule in its page must not go with it. Here pages are small, but the
 * library is told that they are large. What it leaves alone keeps its bytes; what it gives back reads as zero. */
#define _GNU_SOURCE
#include "tap.h"
#include "core/runs.h"
#include "core/verify.h"
#include "os/os.h"

#if defined(__x86_64__)
int main(void)
{
  skip("x86-64 has no such pages");
  return done_testing();
}
#else
enum { PAGE = 64 << 10, UNIT = PAGE / GRANULE, RUNS = 1000 };

static char *runs[RUNS];

/* How many granules of the page still hold what was written. */
static unsigned kept(char *const *page)
{
  unsigned n = 0;
  for (unsigned i = 0; i < UNIT; i++)
    n += page[i][0] == 1;
  return n;
}

int main(void)
{
  struct run run;
  brimi_os_init();
  brimi_page_bytes = PAGE;
  if (sbrk(100) == (void *)-1)
    return 71;
  for (unsigned i = 0; i < RUNS; i++) {
    if (!brimi_runs_alloc(1, RUNS_ANY, &run))
      return 71;
    memset(runs[i] = (char *)run.start, 1, GRANULE);
  }
  ok((uintptr_t)runs[0] % PAGE == 0, "the heap begins with a page");
  ok((uintptr_t)sbrk(0) % PAGE == 0, "and ends with one");

  /* Every other page has one granule in use; all else is free. */
  unsigned wrong = 0;
  for (unsigned i = 0; i < RUNS; i++)
    if (i % (2 * UNIT) != 1)
      brimi_runs_free((uintptr_t)runs[i], 1);
  brimi_runs_purge(false, SIZE_MAX);
  for (unsigned i = 0; i + UNIT <= RUNS; i += UNIT)
    wrong += kept(&runs[i]) != (i % (2 * UNIT) ? 0 : UNIT);
  ok(!wrong, "pages without a block go back, pages with one do not (%u are wrong)", wrong);
  ok(!brimi_runs_verify(), "the heap is whole");

  for (unsigned i = 0; i < RUNS; i++)
    if (i % (2 * UNIT) == 1)
      brimi_runs_free((uintptr_t)runs[i], 1);
  brimi_runs_purge(false, SIZE_MAX);
  ok(!brimi_runs_dirty_bytes(), "empty, all of it does (%zu KiB stay)", brimi_runs_dirty_bytes() >> 10);

  /* Writing one granule of a fresh page makes the whole page resident. */
  brimi_runs_alloc(1, RUNS_ANY, &run);
  *(char *)run.start = 1;
  brimi_runs_free(run.start, 1);
  ok(brimi_runs_dirty_bytes() == PAGE, "a page of which a part was used is dirty");
  ok(brimi_runs_purge(false, SIZE_MAX) == PAGE && *(char *)run.start == 0, "and goes back");

  brimi_runs_alloc(1, RUNS_ANY, &run);
  ok(brimi_runs_cut(0) && (char *)sbrk(0) == (char *)run.start + PAGE, "the break stays above a page in use");
  brimi_runs_free(run.start, 1);
  ok(brimi_runs_cut(0) && (char *)sbrk(0) == runs[0], "and comes down to where the heap begins");
  ok(!brimi_runs_verify(), "the heap is whole at the end");
  return done_testing();
}
#endif
