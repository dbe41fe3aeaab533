/* calls.c: each system call fails, every n-th time or from the n-th on. Blocks keep their bytes, refusals are NULL and ENOMEM,
 * and nothing is lost: when the calls work again, all memory goes back. Needs VARIANT=fault. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include "api/names.h"
#include "number.h"
#include "core/verify.h"
#include "fault/built_in.h"
#include "os/os.h"
#include "refusal/workload.h"
#include <pthread.h>

/* What goes wrong beside the codes of workload.h. */
enum { LOST_REFUSED = 111, LOST_INVARIANT, LOST_LIVE, LOST_MAPPINGS, LOST_RESIDENT, LOST_VERIFIED_LATE };

struct kind {
  const char *call;
  bool may_refuse; /* no other source stands in for it */
};
static const struct kind kinds[] = {{"brk", false},     {"mmap", true},   {"munmap", false},    {"mremap", false},
                                    {"madvise", false}, {"clone", false}, {"membarrier", false}};
enum { KINDS = sizeof kinds / sizeof *kinds };

struct trial {
  const struct kind *kind;
  unsigned n;
  bool onwards, with_break;
};

/* Two blocks that grow by turns, so that neither can always grow where it is, and shrink again. */
static void grow_and_shrink(void)
{
  for (size_t size = 200000; size < 3000000; size += 280000)
    for (int i = 0; i < 2; i++)
      work_get(&work_blocks[i], size);
  for (int i = 0; i < 2; i++) {
    work_get(&work_blocks[i], 300000);
    work_drop(&work_blocks[i]);
  }
}

/* A heap with holes, mappings that grow and shrink, large alignments, and all of it given back in between. */
static void some_work(uint64_t seed)
{
  static void *aligned[8];
  work(seed, 4000, 600 << 10, 24 << 20);
  for (int i = 0; i < 8; i++)
    aligned[i] = aligned_alloc((size_t)4096 << i, 150000);
  grow_and_shrink();
  malloc_trim(0);
  work(seed + 1, 4000, 3000, 8 << 20);
  for (int i = 0; i < 8; i++)
    free(aligned[i]);
}

/* Allocates and frees, then waits while another thread gives back what this one keeps. */
static void *work_beside(void *waits)
{
  void *blocks[200];
  for (size_t i = 0; i < 200; i++)
    blocks[i] = malloc(i * 2000 + 1);
  for (size_t i = 0; i < 200; i++)
    free(blocks[i]);
  pthread_barrier_wait(waits);
  return waits;
}

static void all_work(void)
{
  pthread_t thread;
  pthread_barrier_t waits;
  some_work(1);
  pthread_barrier_init(&waits, NULL, 2);
  if (pthread_create(&thread, NULL, work_beside, &waits))
    _exit(73);
  some_work(3);
  pthread_barrier_wait(&waits);
  pthread_join(thread, NULL);
}

/* What is left when everything is freed and every call works. */
static int what_is_lost(size_t resident)
{
  if (brimi_verify())
    return LOST_INVARIANT;
  malloc_trim(0);
  malloc_trim(0);
  if (number("heap_live") || number("mappings_live"))
    return LOST_LIVE;
  if (number("mappings"))
    return LOST_MAPPINGS;
  /* What stays is records: a heap in many pieces has many. */
  if (rss_bytes() > resident + (4 << 20))
    return LOST_RESIDENT;
  return brimi_verify() ? LOST_VERIFIED_LATE : 0;
}

static int one_trial(void *argument)
{
  const struct trial *trial = argument;
  char rule[64];
  size_t resident = rss_bytes();
  snprintf(rule, sizeof rule, "%s%s:%u%s", trial->with_break ? "brk:1+," : "", trial->kind->call, trial->n,
           trial->onwards ? "+" : "");
  brimi_fault_configure(rule);
  all_work();
  snprintf(rule, sizeof rule, "brk:0,%s:0", trial->kind->call);
  brimi_fault_configure(rule);
  if (work_refusals && !trial->kind->may_refuse)
    return LOST_REFUSED;
  all_work();
  return what_is_lost(resident);
}

/* How often the work makes the call when none fails. */
static int count_calls(void *call)
{
  all_work();
  uint64_t calls = brimi_os_calls(*(enum os_call *)call);
  return calls < 250 ? (int)calls : 250;
}

static void fail_each(const struct kind *kind, unsigned last, bool onwards, bool with_break)
{
  unsigned bad = 0;
  for (unsigned n = 1; n <= last; n++) {
    struct trial trial = {kind, n, onwards, with_break};
    struct ending end = ended_as(one_trial, &trial, 60);
    if (!end.signal && !end.code && !end.text[0])
      continue;
    bad++;
    diag("%s:%u%s: signal %d, exit code %d, stderr: %.300s", kind->call, n, onwards ? "+" : "", end.signal, end.code,
         end.text);
  }
  ok(!bad, "%s fails %s, n to %u%s (%u go wrong)", kind->call,
     onwards ? "from the n-th call on" : "at every n-th call", last, with_break ? ", the break always" : "", bad);
}

int main(void)
{
  if (!faults_are_built_in()) {
    skip("no faults are built in: make check-fault");
    return done_testing();
  }
  for (int call = 0; call < KINDS; call++) {
    unsigned last = 4; /* for clone and membarrier, which are not counted */
    if (call < OS_CALLS) {
      struct ending end = ended_as(count_calls, &call, 60);
      last = (unsigned)end.code;
      ok(!end.signal && last > 3, "the work calls %s %u times", kinds[call].call, last);
    }
    if (!long_run() && last > 30)
      last = 30;
    fail_each(&kinds[call], last, false, false);
    fail_each(&kinds[call], last, true, false);
  }
  fail_each(&kinds[FAULT_MMAP], long_run() ? 100 : 10, false, true);
  fail_each(&kinds[FAULT_MMAP], long_run() ? 100 : 10, true, true);
  return done_testing();
}
