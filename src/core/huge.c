#include "core/huge.h"
#include "base/atomic.h"
#include "base/bits.h"
#include "core/options.h"

enum {
  HUGE_ALWAYS = 2,      /* value of the option */
  SLOW_NS = 500 * 1000, /* for 2 MiB; small pages take 130 to 800 us, huge ones that are at hand 60 to 250 us */
  SMALL_NS = 10 * 1000, /* nothing clears 2 MiB in less: it was a small page, of 1 to 5 us */
  SKIP_MIN = 8,         /* a slow one costs more than several others gain */
  SKIP_GROWTH = 4,
  SKIP_MAX = 1024
};

/* Relaxed guesses, no partner. */
static _Atomic uint32_t to_skip, skipped_last; /* huge pages to leave alone: from now on, and as set the last time */
static _Atomic bool refused;

/* A range of more huge pages than are left to skip gets them at once: a slow one costs little of what the others save. */
bool brimi_huge_due(size_t bytes)
{
  if (!brimi_options.huge_pages || load_relaxed(&refused))
    return false;
  size_t left = load_relaxed(&to_skip), pages = (bytes + HUGE_BYTES - 1) / HUGE_BYTES;
  if (left < pages)
    return true;
  store_relaxed(&to_skip, (uint32_t)(left - pages));
  return false;
}

enum page { PAGE_SMALL, PAGE_HUGE, PAGE_SLOW };

/* Makes the first page resident and tells by the time what it was. */
static enum page touch(void *start)
{
  uint64_t before = brimi_os_now();
  *(volatile char *)start = 0;
  uint64_t took = brimi_os_now() - before;
  bool is_slow = took > SLOW_NS && brimi_options.huge_pages < HUGE_ALWAYS;
  enum page page = took < SMALL_NS ? PAGE_SMALL : is_slow ? PAGE_SLOW : PAGE_HUGE;
  uint32_t last = load_relaxed(&skipped_last);
  last = page == PAGE_HUGE ? last / 2 : (uint32_t)min_size(max_size(SKIP_GROWTH * last, SKIP_MIN), SKIP_MAX);
  store_relaxed(&skipped_last, last);
  store_relaxed(&to_skip, page == PAGE_HUGE ? 0 : last);
  return page;
}

static bool advise(void *start, size_t bytes)
{
  bool advised = brimi_os_advise_huge(start, bytes, true);
  if (!advised)
    store_relaxed(&refused, true);
  return advised;
}

/* The advice does not stay: what is given back later comes again by small pages, as it is needed. */
bool brimi_huge_back(void *start)
{
  if (!advise(start, HUGE_BYTES))
    return false;
  enum page page = touch(start);
  brimi_os_advise_huge(start, HUGE_BYTES, false);
  return page != PAGE_SMALL;
}

/* All of the mapping is advised alike, so that it stays one for the kernel. */
void brimi_huge_map(void *start, size_t bytes, size_t fresh)
{
  uintptr_t first = align_up((uintptr_t)start + fresh, HUGE_BYTES);
  bool is_whole = first + HUGE_BYTES <= (uintptr_t)start + bytes;
  if (advise(start, bytes) && is_whole && touch((void *)first) != PAGE_HUGE)
    brimi_os_advise_huge(start, bytes, false);
}
