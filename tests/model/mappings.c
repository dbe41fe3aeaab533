/* mappings.c: small blocks that have a mapping to themselves, as their alignment is large, they were cut down in place, or the
 * threshold is set low. However close their mappings lie, the allocator tells one from the other. */
#define _GNU_SOURCE
#include "tap.h"
#include "rng.h"
#include "api/names.h"
#include "model/pattern.h"

enum { BLOCKS = 2000 };

static struct {
  unsigned char *block;
  size_t size;
} held[BLOCKS];

static void drop(size_t at)
{
  if (held[at].block &&
      (malloc_usable_size(held[at].block) < held[at].size || !pattern_holds(held[at].block, at, held[at].size)))
    _exit(81);
  free(held[at].block);
  held[at].block = NULL;
}

static void hold(size_t at, void *block, size_t size)
{
  if (!block)
    _exit(82);
  held[at].block = block;
  held[at].size = size;
  pattern_fill(block, at, 0, size);
}

/* Between mappings of many sizes, so that holes of every size come and go beside the small ones. */
static void hold_ordinary(struct rng *rng, size_t at)
{
  size_t size = THRESHOLD + rng_below(rng, 300000);
  hold(at, malloc(size), size);
}

static void hold_aligned(struct rng *rng, size_t at)
{
  size_t size = 1 + rng_below(rng, 9000);
  hold(at, aligned_alloc((size_t)32768 << rng_below(rng, 3), size), size);
}

static void hold_cut_down(struct rng *rng, size_t at)
{
  size_t size = 1 + rng_below(rng, 9000);
  void *block = malloc(THRESHOLD + rng_below(rng, 300000));
  if (!brim_expand(block, size))
    _exit(83);
  hold(at, block, size);
}

static void hold_above_threshold(struct rng *rng, size_t at)
{
  size_t size = 1024 + rng_below(rng, 20000);
  hold(at, malloc(size), size);
}

static size_t operations;

static int run(void *hold_small)
{
  void (*small)(struct rng *, size_t) = *(void (**)(struct rng *, size_t))hold_small;
  struct rng rng = {rng_seed()};
  if (small == hold_above_threshold && !mallopt(M_MMAP_THRESHOLD, 1024))
    return 84;
  for (size_t i = 0; i < operations; i++) {
    size_t at = rng_below(&rng, BLOCKS);
    if (held[at].block)
      drop(at);
    else if (rng_below(&rng, 2))
      small(&rng, at);
    else
      hold_ordinary(&rng, at);
  }
  for (size_t at = 0; at < BLOCKS; at++)
    drop(at);
  return 0;
}

static void goes_well(void (*small)(struct rng *, size_t), const char *name)
{
  struct ending end = ended_as(run, &small, 240);
  if (!ok(!end.signal && !end.code && !end.text[0], "%s", name))
    diag("signal %d, exit code %d, stderr: %.300s", end.signal, end.code, end.text);
}

int main(void)
{
  operations = long_run() ? 1000000 : 10000;
  goes_well(hold_ordinary, "mappings of ordinary sizes");
  goes_well(hold_aligned, "small blocks of large alignments");
  goes_well(hold_cut_down, "blocks cut down where they are");
  goes_well(hold_above_threshold, "a threshold below the size of a page");
  return done_testing();
}
