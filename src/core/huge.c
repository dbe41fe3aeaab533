#include "core/huge.h"
#include "base/atomic.h"
#include "base/bits.h"
#include "core/options.h"

enum {
  HUGE_ALWAYS = 2,      /* of the option */
  SLOW_NS = 500 * 1000, /* for 2 MiB; small pages take 130 to 800 us, huge ones that are at hand 60 to 250 us */
  SKIP_MIN = 8,         /* a slow one costs more than several quick ones gain */
  SKIP_GROWTH = 4,
  SKIP_MAX = 1024
};

/* Relaxed guesses, no partner. */
static _Atomic uint32_t to_skip, skipped_last; /* pieces left alone from now on, and the last time */
static _Atomic bool refused;

bool brimi_huge_due(void)
{
  if (!brimi_options.huge_pages || load_relaxed(&refused))
    return false;
  uint32_t left = load_relaxed(&to_skip);
  if (left)
    store_relaxed(&to_skip, left - 1);
  return !left;
}

/* Returns whether it was slow. */
static bool touch(void *start)
{
  uint64_t before = brimi_os_now();
  *(volatile char *)start = 0;
  bool is_slow = brimi_os_now() - before > SLOW_NS && brimi_options.huge_pages < HUGE_ALWAYS;
  uint32_t last = load_relaxed(&skipped_last);
  last = is_slow ? (uint32_t)min_size(max_size(SKIP_GROWTH * last, SKIP_MIN), SKIP_MAX) : last / 2;
  store_relaxed(&skipped_last, last);
  store_relaxed(&to_skip, is_slow ? last : 0);
  return is_slow;
}

static bool advise(void *start, size_t bytes)
{
  bool advised = brimi_os_advise_huge(start, bytes, true);
  if (!advised)
    store_relaxed(&refused, true);
  return advised;
}

/* What is given back later comes again by small pages, as it is needed: hence not huge ones for good. */
bool brimi_huge_back(void *start)
{
  if (!advise(start, HUGE_BYTES))
    return false;
  touch(start);
  brimi_os_advise_huge(start, HUGE_BYTES, false);
  return true;
}

/* All of the mapping is advised alike, so that it stays one for the kernel. */
void brimi_huge_map(void *start, size_t bytes)
{
  char *first = (char *)align_up((uintptr_t)start, HUGE_BYTES);
  if (advise(start, bytes) && touch(first))
    brimi_os_advise_huge(start, bytes, false);
}
