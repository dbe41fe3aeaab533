#include "core/filled.h"
#include "base/atomic.h"
#include "base/bits.h"
#include "core/huge.h"
#include "core/options.h"

#include <stdint.h>

enum { SAMPLES = 4, SAMPLED_MIN = 256 << 10 };

/* Expected are blocks up to four times the size of one that had been filled when it was freed, and up to half of one that had
 * not. Relaxed: guesses. */
static _Atomic size_t filled_max;
static _Atomic bool have_huge;

static bool is_written(const char *page)
{
  const uint64_t *words = (const uint64_t *)(const void *)page;
  size_t i = 0, count = brimi_page_bytes / sizeof *words;
  while (i < count && !words[i])
    i++;
  return i < count;
}

/* How many of a few pages of a free block were written; one that was not is cheap to read. They are spread by the golden
 * ratio: programs that write every n-th page prefer powers of two. */
static unsigned written_samples(const void *block, size_t bytes)
{
  const uint64_t golden = 2654435769; /* 2^32 times that */
  unsigned written = 0;
  for (uint64_t i = 1; i <= SAMPLES; i++) {
    size_t page = (size_t)((uint32_t)(i * golden) * (bytes / brimi_page_bytes) >> 32);
    written += is_written((const char *)block + page * brimi_page_bytes);
  }
  return written;
}

bool brimi_filled_all(const void *block, size_t bytes) { return written_samples(block, bytes) == SAMPLES; }

bool brimi_filled_none(const void *block, size_t bytes) { return !written_samples(block, bytes); }

bool brimi_filled_expect(size_t bytes) { return bytes <= load_relaxed(&filled_max); }

void brimi_filled_learn(const void *block, size_t bytes, size_t usable)
{
  if (bytes < SAMPLED_MIN || !brimi_options.huge_pages)
    return;
  size_t most = load_relaxed(&filled_max);
  store_relaxed(&filled_max, brimi_filled_all(block, usable) ? max_size(most, 4 * bytes) : min_size(most, bytes / 2));
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
