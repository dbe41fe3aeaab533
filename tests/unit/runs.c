/* runs.c: runs of random lengths, taken and given back: none overlaps another, those said to be zero are, free ones give
 * their memory back, and the break comes down again. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include "rng.h"
#include "core/options.h"
#include "core/pagemap.h"
#include "core/runs.h"
#include "core/verify.h"
#include "model/pattern.h"
#include "os/os.h"

enum { RUNS = 300 };
static struct {
  uintptr_t start;
  size_t granules;
} held[RUNS];
static size_t damaged, not_zero, refused, misaligned;

static bool reads_zero(const char *at, size_t bytes)
{
  for (size_t i = 0; i < bytes; i += 512)
    if (at[i])
      return false;
  return true;
}

static void put(size_t at)
{
  /* The first and last bytes of the run, which an overlap would change. */
  uintptr_t last = held[at].start + held[at].granules * GRANULE - 512;
  damaged += !pattern_holds((void *)held[at].start, at, 512) || !pattern_holds((void *)last, ~at, 512);
  brimi_runs_free(held[at].start, held[at].granules);
  held[at].granules = 0;
}

static void get(size_t at, size_t granules)
{
  struct run run;
  if (!brimi_runs_alloc(granules, RUNS_FILLED, &run)) {
    refused++;
    return;
  }
  held[at].start = run.start;
  held[at].granules = granules;
  not_zero += run.is_zero && !reads_zero((char *)run.start, granules * GRANULE);
  misaligned += run.start % GRANULE != 0;
  memset((void *)run.start, 1, granules * GRANULE);
  pattern_fill((void *)run.start, at, 0, 512);
  pattern_fill((void *)(run.start + granules * GRANULE - 512), ~at, 0, 512);
}

static void churn(struct rng *rng, int rounds)
{
  for (int i = 0; i < rounds; i++) {
    size_t at = rng_below(rng, RUNS);
    if (held[at].granules)
      put(at);
    else
      get(at, 1 + rng_below(rng, rng_below(rng, 10) ? 8 : 60));
    if (i % 500 == 0)
      brimi_runs_purge(false, SIZE_MAX);
  }
}

static void empty(void)
{
  for (size_t at = 0; at < RUNS; at++)
    if (held[at].granules)
      put(at);
}

static void well(const char *when)
{
  const char *broken = brimi_runs_verify();
  ok(!broken && !damaged && !not_zero && !refused && !misaligned, "all is well %s", when);
  diag("%s; %zu damaged, %zu not zero, %zu refused, %zu misaligned", broken ? broken : "R1 holds", damaged, not_zero,
       refused, misaligned);
}

/* Empty, the heap gives all its memory and the break back. */
static void gives_all_back(const char *name)
{
  struct runs_usage usage;
  empty();
  brimi_runs_usage(&usage);
  ok(usage.free_bytes == usage.break_bytes + usage.mapped_bytes, "%s: all granules are free", name);
  brimi_runs_age();
  ok(brimi_runs_purge(true, SIZE_MAX) && !brimi_runs_dirty_bytes(),
     "%s: what was free before the last tick goes back", name);
}

/* The address space of mappings goes back, as that of the break does. */
static void cut_off_and_grown_again(void)
{
  struct runs_usage before, usage;
  brimi_runs_usage(&before);
  brimi_runs_cut(0);
  brimi_runs_usage(&usage);
  ok(!usage.mapped_bytes, "extents by mmap are cut off");
  for (int round = 0; round < 50; round++) {
    get(0, 60);
    put(0);
    brimi_runs_cut(0);
  }
  brimi_runs_usage(&usage);
  ok(!usage.mapped_bytes && usage.extents == before.extents, "their records serve the next ones");
}

/* An extent's rest is too short for a run, by less than the heap grows by: the next extent has all of the run. Never written to. */
static void longer_than_what_is_left(void)
{
  enum { GRANULES = EXTENT_GRANULES / 2 + 1 };
  struct run first, last;
  brimi_options.use_break = 1;
  ok(brimi_runs_alloc(GRANULES, RUNS_ANY, &first), "a run of more than half of an extent");
  get(0, 60);
  get(1, 60);
  ok(brimi_runs_alloc(GRANULES, RUNS_ANY, &last), "and another, though the heap has grown since");
  brimi_runs_free(first.start, GRANULES);
  brimi_runs_free(last.start, GRANULES);
  empty();
  brimi_runs_purge(false, SIZE_MAX);
}

int main(void)
{
  struct rng rng = {1};
  struct runs_usage usage;
  char *start = sbrk(0);
  brimi_os_init();
  churn(&rng, 8000);
  well("by the break");
  brimi_runs_usage(&usage);
  ok(usage.extents == 1 && !usage.mapped_bytes, "one extent, by the break");
  gives_all_back("by the break");
  size_t lowered = brimi_runs_cut(0);
  ok(lowered == usage.break_bytes && (char *)sbrk(0) < start + GRANULE, "the break comes down to where it was");
  brimi_runs_usage(&usage);
  ok(!usage.break_bytes && !usage.free_bytes, "and nothing is left of the heap");

  get(0, 10);
  ok(sbrk(100) != (void *)-1, "another caller moves the break");
  churn(&rng, 8000);
  well("around what is not ours");
  brimi_runs_usage(&usage);
  ok(usage.extents > 1, "a second extent behind it");

  brimi_options.use_break = 0;
  size_t before = usage.break_bytes;
  for (size_t at = 0; at < RUNS; at++)
    if (!held[at].granules)
      get(at, 60);
  well("by mappings");
  brimi_runs_usage(&usage);
  ok(usage.mapped_bytes > 0 && usage.break_bytes == before, "extents by mmap where the break is not used");
  gives_all_back("both");
  cut_off_and_grown_again();
  longer_than_what_is_left();
  ok(!brimi_runs_alloc(0, RUNS_ANY, &(struct run){0}) && !brimi_runs_alloc(SIZE_MAX, RUNS_ANY, &(struct run){0}),
     "no run of 0 or too many");
  well("at the end");
  return done_testing();
}
