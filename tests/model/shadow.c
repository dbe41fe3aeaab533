/* shadow.c: random operations beside a model of what must be: which blocks are live, where they end, what they hold. */
#define _GNU_SOURCE
#include "tap.h"
#include "rng.h"
#include "api/names.h"
#include "model/pattern.h"

enum { MAX_LIVE = 3000 };

struct shadow {
  unsigned char *block;
  size_t size, usable;
  uint64_t key;
};

/* The live blocks, by address: an overlap is one between neighbours. */
static struct shadow live[MAX_LIVE];
static int live_count;
static struct rng rng;
static size_t overlaps, damaged, misaligned, not_zero, short_blocks, refused;

static void insert(unsigned char *block, size_t size, bool filled, uint64_t key)
{
  int low = 0, high = live_count;
  while (low < high) {
    int middle = (low + high) / 2;
    if (live[middle].block < block)
      low = middle + 1;
    else
      high = middle;
  }
  size_t usable = malloc_usable_size(block);
  short_blocks += usable < size;
  overlaps += low < live_count && block + usable > live[low].block;
  overlaps += low > 0 && live[low - 1].block + live[low - 1].usable > block;
  memmove(live + low + 1, live + low, (size_t)(live_count - low) * sizeof *live);
  live[low] = (struct shadow){block, size, usable, key};
  live_count++;
  if (!filled)
    pattern_fill(block, key, 0, size);
}

static struct shadow take(int at)
{
  struct shadow taken = live[at];
  memmove(live + at, live + at + 1, (size_t)(live_count - at - 1) * sizeof *live);
  live_count--;
  damaged += !pattern_holds(taken.block, taken.key, taken.size) || malloc_usable_size(taken.block) != taken.usable;
  return taken;
}

static bool all_zero(const unsigned char *block, size_t size)
{
  return !size || (!block[0] && !memcmp(block, block + 1, size - 1));
}

static void allocate(void)
{
  size_t size = rng_size(&rng, rng_below(&rng, 200) ? 64 << 10 : 4 << 20);
  size_t alignment = 16;
  unsigned char *block = NULL;
  switch (rng_below(&rng, 8)) {
  case 0:
    block = calloc(1, size);
    not_zero += block && !all_zero(block, size);
    break;
  case 1:
    alignment = (size_t)16 << rng_below(&rng, 10);
    block = aligned_alloc(alignment, size);
    break;
  case 2:
    block = realloc(NULL, size);
    break;
  default:
    block = malloc(size);
  }
  refused += !block;
  if (!block)
    return;
  misaligned += (uintptr_t)block % alignment != 0;
  insert(block, size, false, rng_next(&rng));
}

static void resize(void)
{
  struct shadow old = take((int)rng_below(&rng, (size_t)live_count));
  /* Half the time close to the old size, where resizing in place is likely. */
  size_t size = rng_below(&rng, 2) ? old.size + rng_below(&rng, old.size / 4 + 64) : rng_size(&rng, 300 << 10);
  size += !size;
  unsigned char *block = realloc(old.block, size);
  refused += !block;
  misaligned += (uintptr_t)block % 16 != 0;
  size_t kept = old.size < size ? old.size : size;
  damaged += !pattern_holds(block, old.key, kept);
  pattern_fill(block, old.key, kept, size);
  insert(block, size, true, old.key);
}

static void release(void) { free(take((int)rng_below(&rng, (size_t)live_count)).block); }

/* The live set grows and shrinks in turns, so that slabs fill, empty and are used for other sizes. */
static void run(size_t operations)
{
  int target = MAX_LIVE / 2;
  for (size_t i = 0; i < operations; i++) {
    if (i % 5000 == 0)
      target = (int)rng_below(&rng, MAX_LIVE);
    if (i % 20000 == 0)
      malloc_trim(0);
    if (!live_count || (live_count < target && rng_below(&rng, 10) < 6))
      allocate();
    else if (rng_below(&rng, 5) == 0)
      resize();
    else
      release();
  }
  while (live_count)
    free(take(live_count - 1).block);
}

int main(void)
{
  rng.state = rng_seed();
  size_t operations = long_run() ? 20000000 : 300000;
  run(operations);
  ok(!overlaps, "no block overlaps another in %zu operations (%zu do)", operations, overlaps);
  ok(!damaged, "every block keeps its bytes and its usable size (%zu do not)", damaged);
  ok(!misaligned && !short_blocks, "every block is aligned and long enough");
  ok(!not_zero, "calloc gives zeros");
  ok(!refused, "nothing is refused");
  return done_testing();
}
