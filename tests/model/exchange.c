/* exchange.c: threads hand blocks to each other, and resize and free what others made. Every block itself says what it
 * must hold. */
#define _GNU_SOURCE
#include "tap.h"
#include "rng.h"
#include "api/names.h"
#include "model/pattern.h"
#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 8, BOXES = 4096, OWN = 500 };

/* At the start of every block; the pattern, keyed by `key`, follows. */
struct head {
  uint64_t size, key;
};

static _Atomic(struct head *) boxes[BOXES];
static atomic_size_t damaged, refused;
static size_t operations;

static void check(const struct head *block)
{
  if (!pattern_holds(block + 1, block->key, block->size - sizeof *block))
    atomic_fetch_add(&damaged, 1);
}

static struct head *make(struct rng *rng)
{
  size_t size = sizeof(struct head) + rng_size(rng, rng_below(rng, 500) ? 16 << 10 : 1 << 20);
  struct head *block = rng_below(rng, 4) ? malloc(size) : calloc(1, size);
  if (!block) {
    atomic_fetch_add(&refused, 1);
    return NULL;
  }
  block->size = size;
  block->key = rng_next(rng);
  pattern_fill(block + 1, block->key, 0, size - sizeof *block);
  return block;
}

static struct head *resize(struct rng *rng, struct head *block)
{
  size_t old = block->size, size = sizeof *block + rng_size(rng, 200 << 10);
  struct head *moved = realloc(block, size);
  if (!moved) {
    atomic_fetch_add(&refused, 1);
    return block;
  }
  moved->size = size < old ? size : old;
  check(moved);
  pattern_fill(moved + 1, moved->key, moved->size - sizeof *moved, size - sizeof *moved);
  moved->size = size;
  return moved;
}

static void *work(void *seed)
{
  struct rng rng = {*(uint64_t *)seed};
  struct head *own[OWN] = {0};
  for (size_t i = 0; i < operations; i++) {
    struct head **slot = &own[rng_below(&rng, OWN)];
    if (*slot)
      check(*slot);
    switch (*slot ? 1 + rng_below(&rng, 8) : 0) {
    case 0:
      *slot = make(&rng);
      break;
    case 1:
      *slot = resize(&rng, *slot);
      break;
    case 2:
    case 3:
      free(*slot);
      *slot = NULL;
      break;
    default:
      /* Acquire what another thread released, release what it will acquire. */
      *slot = atomic_exchange_explicit(&boxes[rng_below(&rng, BOXES)], *slot, memory_order_acq_rel);
    }
  }
  for (int i = 0; i < OWN; i++) {
    if (own[i])
      check(own[i]);
    free(own[i]);
  }
  return NULL;
}

/* Threads come and go, so that blocks outlive the thread that made them. */
static void run(uint64_t seed, int generations)
{
  for (int generation = 0; generation < generations; generation++) {
    pthread_t threads[THREADS];
    uint64_t seeds[THREADS];
    for (int i = 0; i < THREADS; i++) {
      seeds[i] = seed + (uint64_t)(generation * THREADS + i);
      if (pthread_create(&threads[i], NULL, work, &seeds[i]))
        _exit(71);
    }
    for (int i = 0; i < THREADS; i++)
      pthread_join(threads[i], NULL);
  }
  for (int i = 0; i < BOXES; i++) {
    struct head *block = atomic_load_explicit(&boxes[i], memory_order_relaxed);
    if (block)
      check(block);
    free(block);
  }
}

int main(void)
{
  operations = long_run() ? 500000 : 15000;
  run(rng_seed(), 6);
  ok(!damaged, "blocks that go from thread to thread keep their bytes (%zu do not)", (size_t)damaged);
  ok(!refused, "nothing is refused");
  return done_testing();
}
