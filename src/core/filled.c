#include "core/filled.h"
#include "base/atomic.h"
#include "base/bits.h"
#include "core/huge.h"
#include "core/options.h"

#include <stdint.h>

enum {
  SAMPLES = 4,
  SAMPLED_MIN = 256 << 10,
  LOOK_BYTES = 16 << 20 /* of frees between two looks that say the same: a look costs more than a malloc() */
};

/* The largest block that is expected to be filled: raised to four times the size of one that had been filled when it
 * was freed, lowered to half of one that had not. Relaxed: a guess. */
static _Atomic size_t filled_max;
/* What the last look found; how many bytes may be freed before another that would teach nothing if it found the same. */
static _Atomic bool was_filled;
static _Atomic size_t unlooked;
static _Atomic bool have_huge;

/* A page that was not written is read to its end: hence two words at a time, and a branch only every few lines. */
static bool is_written(const char *page)
{
  typedef uint64_t pair __attribute__((vector_size(2 * sizeof(uint64_t)), may_alias));
  enum { STEP = 16 };
  const pair *pairs = (const pair *)(const void *)page;
  for (size_t i = 0; i < brimi_page_bytes / sizeof *pairs; i += STEP) {
    pair any = pairs[i];
    for (size_t k = 1; k < STEP; k++)
      any |= pairs[i + k];
    if (any[0] | any[1])
      return true;
  }
  return false;
}

/* Whether a few pages of a free block were all written, or all not; reading an unwritten one is cheap. They are
 * spread by the golden ratio: programs that write every n-th page prefer powers of two. */
static bool samples_are(bool written, const char *block, size_t bytes)
{
  const uint64_t golden = 2654435769; /* 2^32 divided by it */
  for (uint64_t i = 1; i <= SAMPLES; i++) {
    size_t page = (size_t)((uint32_t)(i * golden) * (bytes / brimi_page_bytes) >> 32);
    if (is_written(block + page * brimi_page_bytes) != written)
      return false;
  }
  return true;
}

bool brimi_filled_all(const void *block, size_t bytes) { return samples_are(true, block, bytes); }

bool brimi_filled_none(const void *block, size_t bytes) { return samples_are(false, block, bytes); }

bool brimi_filled_expect(size_t bytes) { return bytes <= load_relaxed(&filled_max); }

/* The new filled_max after a block was found filled, or not. */
static size_t learnt(size_t most, size_t bytes, bool filled)
{
  return filled ? max_size(most, 4 * bytes) : min_size(most, bytes / 2);
}

void brimi_filled_learn(const void *block, size_t bytes, size_t usable)
{
  if (bytes < SAMPLED_MIN || !brimi_options.huge_pages)
    return;
  size_t most = load_relaxed(&filled_max), left = load_relaxed(&unlooked);
  if (left > bytes && learnt(most, bytes, load_relaxed(&was_filled)) == most) {
    store_relaxed(&unlooked, left - bytes);
    return;
  }
  bool filled = brimi_filled_all(block, usable);
  store_relaxed(&was_filled, filled);
  store_relaxed(&filled_max, learnt(most, bytes, filled));
  store_relaxed(&unlooked, LOOK_BYTES);
}

void brimi_filled_map(void *start, size_t bytes, size_t fresh, bool is_filled)
{
  if (bytes < FILLED_HUGE_MIN)
    return;
  if (is_filled && brimi_huge_due(bytes - fresh)) {
    brimi_huge_map(start, bytes, fresh);
    store_relaxed(&have_huge, true);
  } else if (fresh && load_relaxed(&have_huge)) {
    brimi_os_advise_huge(start, bytes, false);
  }
}

bool brimi_filled_reset(void *start, size_t bytes)
{
  if (!brimi_os_purge(start, bytes))
    return false;
  if (load_relaxed(&have_huge))
    brimi_os_advise_huge(start, bytes, false);
  return true;
}
