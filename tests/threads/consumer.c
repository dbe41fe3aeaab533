/* consumer.c: 16 threads that only allocate, one that only frees: resident memory stays at 1.3 times the live bytes and
 * does not creep, whether the producers go on, end, or stay and do nothing. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include "rng.h"
#include "api/names.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

/* About 370 MB live. */
enum { PRODUCERS = 16, CAPACITY = 52000, BLOCKS = PRODUCERS * CAPACITY };
/* The rings stay this full: only with steady live bytes can memory be steady. */
enum { KEPT = CAPACITY / 16 * 15 };

/* One ring for each producer, which stores at `head`; the consumer frees at `tail`. Each index is stored with release by the
 * one that writes it and loaded with acquire by the other. */
static struct ring {
  atomic_size_t head, tail;
  size_t *slot[CAPACITY];
} rings[PRODUCERS];

static atomic_size_t live_bytes;
static pthread_barrier_t done;
static size_t blocks_each;
static bool stay;

static void *produce(void *argument)
{
  struct ring *ring = argument;
  size_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
  struct rng rng = {head * PRODUCERS + (size_t)(ring - rings)};
  for (size_t end = head + blocks_each; head < end;) {
    if (head - atomic_load_explicit(&ring->tail, memory_order_acquire) == CAPACITY) {
      sched_yield();
      continue;
    }
    size_t size = 16 + rng_below(&rng, rng_below(&rng, 16) ? 500 : 8000), *block = malloc(size);
    memset(block, 1, size);
    block[0] = size;
    atomic_fetch_add_explicit(&live_bytes, size, memory_order_relaxed);
    ring->slot[head++ % CAPACITY] = block;
    atomic_store_explicit(&ring->head, head, memory_order_release);
  }
  pthread_barrier_wait(&done);
  if (stay)
    pthread_barrier_wait(&done);
  return NULL;
}

/* Frees up to `count` of the oldest blocks of a ring, but leaves `keep`. */
static size_t consume(struct ring *ring, size_t count, size_t keep)
{
  size_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
  size_t filled = atomic_load_explicit(&ring->head, memory_order_acquire) - tail, freed = 0;
  for (; freed < count && filled > keep; freed++, filled--) {
    size_t *block = ring->slot[tail++ % CAPACITY];
    atomic_fetch_sub_explicit(&live_bytes, block[0], memory_order_relaxed);
    free(block);
    atomic_store_explicit(&ring->tail, tail, memory_order_release);
  }
  return freed;
}

static size_t base;

/* Resident bytes in percent of the live bytes. */
static size_t percent(void)
{
  size_t rss = rss_bytes(), live = atomic_load(&live_bytes);
  return rss > base ? (rss - base) * 100 / live : 0;
}

/* Starts the producers and frees after them until each has made `each` blocks; KEPT of each ring stay.
 * Returns the worst percent() that was seen once the rings were full. */
static size_t generation(pthread_t *threads, size_t each, bool keep_threads)
{
  size_t worst = 0, freed = 0, total = (each - KEPT) * PRODUCERS, looked = 0;
  blocks_each = each;
  stay = keep_threads;
  pthread_barrier_init(&done, NULL, PRODUCERS + 1);
  for (int i = 0; i < PRODUCERS; i++) {
    total += atomic_load(&rings[i].head) - atomic_load(&rings[i].tail);
    if (pthread_create(&threads[i], NULL, produce, &rings[i]))
      _exit(71);
  }
  while (freed < total) {
    size_t now = 0;
    for (int i = 0; i < PRODUCERS; i++)
      now += consume(&rings[i], 64, KEPT);
    freed += now;
    if (!now)
      sched_yield();
    if (freed - looked > BLOCKS / 4) {
      looked = freed;
      size_t p = percent();
      worst = p > worst ? p : worst;
    }
  }
  pthread_barrier_wait(&done);
  return worst;
}

static void join(pthread_t *threads)
{
  for (int i = 0; i < PRODUCERS; i++)
    pthread_join(threads[i], NULL);
}

static void free_all(void)
{
  for (int i = 0; i < PRODUCERS; i++)
    consume(&rings[i], CAPACITY, 0);
}

/* Waits until resident memory has come down to `rest` above the start. */
static bool comes_down(size_t rest)
{
  for (int tenth = 0; tenth < 100; tenth++, sleep_ms(100))
    if (rss_bytes() <= base + rest)
      return true;
  diag("resident %zu KiB above the start", (rss_bytes() - base) >> 10);
  return false;
}

int main(void)
{
  static pthread_t threads[PRODUCERS];
  size_t turns = TAP_SLOW > 1 ? 1 : long_run() ? 100 : 4;
  memset(rings, 0, sizeof rings);
  base = rss_bytes();

  size_t first = generation(threads, CAPACITY * turns, false);
  join(threads);
  size_t last = generation(threads, CAPACITY * turns, false);
  join(threads);
  diag("live %zu MiB; resident for each live byte: %zu %%, later %zu %%", (size_t)live_bytes >> 20, first, last);
  ok_without_sanitizer(first <= 130 && last <= 130, "resident memory is at most 1.3 times the live bytes");
  /* It varies how full the mailboxes are at a look. */
  ok_without_sanitizer(last <= first + 8, "and flat");

  size_t worst = 0;
  for (size_t i = 0; i < turns; i++) {
    size_t p = generation(threads, CAPACITY, false);
    join(threads);
    worst = p > worst ? p : worst;
  }
  ok_without_sanitizer(worst <= 130, "the same with %zu generations of producers that end (%zu %%)", turns, worst);

  generation(threads, CAPACITY * 2, true);
  free_all();
  /* Each thread keeps up to 8 KiB of each class in its bins, and so the pages of these blocks: 1.1 to 1.2 MiB, as they happen
   * to lie. So does this thread, which has the same host as some of the others. */
  ok_without_sanitizer(comes_down((PRODUCERS + 1) * ((size_t)11 << 17)),
                       "all freed while the producers sleep: the memory goes back");
  pthread_barrier_wait(&done);
  join(threads);
  return done_testing();
}
