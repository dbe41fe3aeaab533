/* verify.c: random calls of every kind, by one thread and by several that hand blocks to each other, and the heap verifier
 * between them; then the verifier itself: it must see what is broken on purpose. */
#define _GNU_SOURCE
#include "tap.h"
#include "rng.h"
#include "core/heap.h"
#include "core/pagemap.h"
#include "core/runs.h"
#include "core/verify.h"
#include <brim/brim.h>
#include <pthread.h>
#include <stdatomic.h>

enum { SLOTS = 3000, THREADS = 4 };
static _Atomic(void *) shared[SLOTS];
static char *first_of_another_class;

static size_t some_size(struct rng *rng)
{
  switch (rng_below(rng, 16)) {
  case 0:
    return rng_below(rng, 600000);
  case 1:
    return rng_below(rng, 100000);
  default:
    return rng_below(rng, 1500);
  }
}

static void *one_of_many(struct rng *rng, void *block)
{
  size_t size = some_size(rng);
  void *other = NULL;
  switch (rng_below(rng, 6)) {
  case 0:
    other = brim_realloc(block, size + 1);
    block = NULL;
    break;
  case 1:
    other = brim_calloc(1, size);
    break;
  case 2:
    other = brim_aligned_alloc((size_t)16 << rng_below(rng, 10), size);
    break;
  case 3:
    break;
  default:
    other = brim_malloc(size);
  }
  brim_free(block);
  if (other && size)
    memset(other, 1, size);
  return other;
}

static void *work(void *seed)
{
  struct rng rng = {(size_t)seed};
  for (int i = 0; i < 100000; i++) {
    _Atomic(void *) *slot = &shared[rng_below(&rng, SLOTS)];
    void *block = one_of_many(&rng, atomic_exchange(slot, NULL));
    block = atomic_exchange(slot, block);
    brim_free(block);
  }
  return NULL;
}

static void well(const char *when)
{
  const char *broken = brimi_verify();
  ok(!broken, "every invariant holds %s (%s)", when, broken ? broken : "all of them");
}

static void free_all(void)
{
  for (size_t i = 0; i < SLOTS; i++)
    brim_free(atomic_exchange(&shared[i], NULL));
}

/* ---- broken on purpose --------------------------------------------------------------------------------------------- */

static void is_seen(const char *number, const char *what)
{
  const char *broken = brimi_verify();
  ok(broken && !strncmp(broken, number, strlen(number)), "%s: %s", what, broken ? broken : "not seen");
}

/* Changes a variable for the time that the verifier looks. */
#define WHILE(place, value, number, what)                                                                            \
  do {                                                                                                               \
    __typeof__(value) was_ = (place);                                                                                \
    (place) = (value);                                                                                               \
    is_seen(number, what);                                                                                           \
    (place) = was_;                                                                                                  \
  } while (0)

/* A slab of several granules, whose first blocks are out and whose last ones are FREE. */
static void broken_slab(struct slab *slab)
{
  struct heap *heap = slab->heap;
  unsigned last = slab->blocks - 1u;
  char *end = (char *)slab->start + last * brimi_slab_block_bytes(slab);
  WHILE(slab->used, (uint16_t)(slab->used + 1), "I2", "a wrong count");
  WHILE(slab->state[slab->blocks], (uint8_t)STATE_FREE, "I1", "no padding");
  WHILE(slab->state[0], (uint8_t)0x55, "I1", "no state");
  WHILE(slab->state[0], (uint8_t)STATE_CACHED, "H2", "a block that is CACHED and in no bin");
  WHILE(slab->first_free, slab->blocks, "I3", "a hint above a FREE block");
  WHILE(slab->listed, !slab->listed, "I3", "a slab with room that is not listed");
  WHILE(heap->slabs[slab->sc].with_free, (struct slab *)NULL, "I3", "one that is on no list");
  WHILE(heap->used_bytes, heap->used_bytes + 1, "H6", "a wrong sum of used bytes");
  WHILE(heap->slab_bytes, heap->slab_bytes + 1, "H6", "a wrong sum of slabs");
  WHILE(heap->kept_bytes, heap->kept_bytes + 1, "I6", "a wrong sum of slabs that are kept");
  WHILE(brimi_runs_dirty, brimi_runs_dirty + 1, "R4", "a wrong sum of dirty granules");
  struct span *span = brimi_pagemap_span((void *)(slab->start + brimi_slab_run_bytes(slab) - 1));
  struct slab *other = brimi_pagemap_find(first_of_another_class);
  WHILE(span->state, &other->state[0], "H6", "another entry in the page map");
  *end = 1;
  WHILE(slab->state[last], (uint8_t)STATE_FREE_ZERO, "I5", "a block that does not read as zero");
  *end = 0;
}

static void broken_on_purpose(void)
{
  char *block = brim_malloc(3000);
  first_of_another_class = brim_malloc(300);
  broken_slab(brimi_pagemap_find(block));
  well("when all is mended");
  brim_free(first_of_another_class);
  brim_free(block);
}

int main(void)
{
  well("before the first call");
  for (size_t round = 0; round < 10; round++) {
    work((void *)(round + 1));
    well("after random calls");
  }
  brim_malloc_trim(0);
  well("after a trim");
  for (int round = 0; round < 5; round++) {
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
      pthread_create(&threads[i], NULL, work, (void *)(i + 100));
    for (size_t i = 0; i < THREADS; i++)
      pthread_join(threads[i], NULL);
    well("after threads handed blocks around and ended");
  }
  free_all();
  well("when all is freed");
  brim_malloc_trim(0);
  well("and trimmed");

  broken_on_purpose();
  return done_testing();
}
