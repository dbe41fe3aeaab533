/* handoff.c: half of the threads allocate, the other half free what they are handed: a pipeline. */
#define _GNU_SOURCE
#include "bench.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

const struct bench_case bench_case = {
    .suite = "patterns",
    .help = "producers allocate messages that consumers free; the point is the number of pairs of threads",
    .quick = "1",
    .full = "1 4",
};

enum { RING = 1024, MESSAGES = 600 * 1000, PAIRS_MAX = 64 };

/* One producer, one consumer. */
struct ring {
  _Alignas(64) atomic_uint head; /* written by the producer */
  _Alignas(64) atomic_uint tail; /* written by the consumer */
  void *slots[RING];
};
static struct ring rings[PAIRS_MAX];
static unsigned messages;

static void produce(struct ring *ring, unsigned number)
{
  struct bench_random random = bench_seed(number);
  for (unsigned head = 0; head < messages; head++) {
    size_t size = bench_size(&random);
    void *message = bench_alloc(size);
    bench_touch(message, size);
    while (head - atomic_load_explicit(&ring->tail, memory_order_acquire) == RING)
      sched_yield();
    ring->slots[head % RING] = message;
    /* pairs with: the acquire in consume() */
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
  }
}

static void consume(struct ring *ring)
{
  for (unsigned tail = 0; tail < messages; tail++) {
    while (atomic_load_explicit(&ring->head, memory_order_acquire) == tail)
      sched_yield();
    free(ring->slots[tail % RING]);
    /* pairs with: the acquire in produce() */
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
  }
}

static void run(unsigned number)
{
  if (number % 2)
    consume(&rings[number / 2]);
  else
    produce(&rings[number / 2], number);
}

void bench_run(uint64_t pairs, unsigned effort)
{
  pairs = pairs < PAIRS_MAX ? pairs : PAIRS_MAX;
  messages = MESSAGES / (unsigned)pairs * effort;
  bench_threads(2 * (unsigned)pairs, run);
  bench_count(messages * pairs);
}
