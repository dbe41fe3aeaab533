/* verify.c: random calls of every kind, by one thread and by several that hand blocks to each other, and the heap verifier
 * between them; then the verifier itself: it must see what is broken on purpose. */
#define _GNU_SOURCE
#include "tap.h"
#include "rng.h"
#include "core/heap.h"
#include "core/pagemap.h"
#include "core/verify.h"
#include <brim/brim.h>
#include <pthread.h>
#include <stdatomic.h>

enum { SLOTS = 3000, THREADS = 4 };
static _Atomic(void *) shared[SLOTS];

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

  char *block = brim_malloc(100);
  struct slab *slab = brimi_pagemap_find(block);
  slab->used++;
  ok(brimi_verify() && !strncmp(brimi_verify(), "I2", 2), "a wrong count is seen: %s", brimi_verify());
  slab->used--;
  slab->heap->used_bytes++;
  ok(brimi_verify() && !strncmp(brimi_verify(), "H1", 2), "a wrong sum is seen: %s", brimi_verify());
  slab->heap->used_bytes--;
  well("when both are mended");
  brim_free(block);
  return done_testing();
}
