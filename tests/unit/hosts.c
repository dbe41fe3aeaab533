/* hosts.c: where there are more threads than hosts, threads share slabs. Each host has as many threads as the others. What a
 * thread frees of another one with the same host is its own at once. In the child of a fork nothing in use is handed out again. */
#define _GNU_SOURCE
#include "tap.h"
#include "core/mail.h"
#include "core/options.h"
#include "core/verify.h"
#include <brim/brim.h>
#include <pthread.h>

/* The child of a process with threads may start none under ThreadSanitizer. */
#ifdef __SANITIZE_THREAD__
enum { CAN_FORK = 0 };
#else
enum { CAN_FORK = 1 };
#endif

enum { HOSTS = 2, THREADS = 8, BLOCKS = 300, BYTES = 100 };

static struct worker {
  pthread_t thread;
  struct heap *heap;
  char *blocks[BLOCKS];
  bool is_own;
} workers[THREADS];
static pthread_barrier_t step;
static int forked_well; /* how many children; threads write it one after the other */

static void allocate(struct worker *worker)
{
  for (int i = 0; i < BLOCKS; i++)
    memset(worker->blocks[i] = brim_malloc(BYTES), (int)(worker - workers), BYTES);
}

static bool is_intact(const struct worker *worker)
{
  bool intact = true;
  for (int i = 0; i < BLOCKS; i++)
    for (int j = 0; j < BYTES; j++)
      intact &= worker->blocks[i][j] == worker - workers;
  return intact;
}

static void release(struct worker *worker)
{
  for (int i = 0; i < BLOCKS; i++)
    brim_free(worker->blocks[i]);
}

/* The next thread that has the same host, or another host. */
static struct worker *next_of(struct worker *worker, bool same)
{
  struct worker *next = worker;
  do
    next = next < workers + THREADS - 1 ? next + 1 : workers;
  while ((next->heap->host == worker->heap->host) != same);
  return next;
}

/* ---- the child of a fork ----------------------------------------------------------------------------------------- */

static pthread_barrier_t both;

static void *allocate_in_child(void *blocks)
{
  struct worker *worker = blocks;
  allocate(worker);
  pthread_barrier_wait(&both);
  return NULL;
}

/* Forked by a thread whose heap is not a host. Two threads come, and the slabs of both hosts are used again, but for what is
 * CACHED in those of the first heap: a thread without a heap may hold such a block. */
static int child(void *forking)
{
  static struct worker fresh[2];
  struct entry held;
  pthread_barrier_init(&both, NULL, 2);
  struct worker *mine = forking;
  struct heap *other = next_of(mine, false)->heap->host, *first = brimi_heap_first();
  if (other->torn_slabs != (other != first) || mine->heap->host->torn_slabs)
    return 1;
  if (brimi_heap_take(first, brimi_class_of(BYTES), &held, 1, true) != 1)
    return 6;
  for (int i = 0; i < 2; i++)
    if (pthread_create(&fresh[i].thread, NULL, allocate_in_child, &fresh[i]))
      return 2;
  for (int i = 0; i < 2; i++)
    pthread_join(fresh[i].thread, NULL);
  if (other->torn_slabs)
    return 3;
  if (!(load_relaxed(held.state) & STATE_HELD))
    return 7;
  for (struct worker *worker = workers; worker < workers + THREADS; worker++) {
    if (!is_intact(worker))
      return 4;
    release(worker);
  }
  allocate(mine);
  return is_intact(mine) ? 0 : 5;
}

/* ---- the threads --------------------------------------------------------------------------------------------------- */

/* Under qemu (tests/run) a child can have threads only if the youngest thread forked it: there one fork is enough. */
static int turns(void)
{
  if (!CAN_FORK)
    return 0;
  return getenv("RUNNER") ? 1 : HOSTS;
}

/* The last thread of each host forks. One child ends before the next is forked. */
static void fork_by_turns(struct worker *worker)
{
  bool has_first = worker->heap->host == brimi_heap_first(), is_last = true;
  for (struct worker *later = worker + 1; later < workers + THREADS; later++)
    is_last &= later->heap->host != worker->heap->host;
  for (int turn = 0; turn < turns(); turn++) {
    bool is_youngest = worker == workers + THREADS - 1;
    if (turns() == 1 ? is_youngest : is_last && has_first == (turn == 0)) {
      struct ending end = ended_as(child, worker, 60);
      forked_well += !end.signal && !end.code && !end.text[0];
      if (end.signal || end.code)
        diag("turn %d: signal %d, exit code %d: %.300s", turn, end.signal, end.code, end.text);
    }
    pthread_barrier_wait(&step);
  }
}

static void *work(void *argument)
{
  struct worker *worker = argument;
  allocate(worker);
  worker->heap = brimi_heap_mine();
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  struct worker *neighbour = next_of(worker, true);
  char *last = neighbour->blocks[BLOCKS - 1];
  release(neighbour);
  pthread_barrier_wait(&step);
  worker->is_own = brim_malloc(BYTES) == last;
  brim_free(last);
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  allocate(worker);
  pthread_barrier_wait(&step);
  fork_by_turns(worker);
  release(&workers[(worker - workers + 1) % THREADS]);
  return NULL;
}

/* Works, also with what threads have left in slabs that were a host's. */
static void *work_as_guest(void *argument)
{
  struct worker *worker = argument;
  for (int i = 0; i < 2; i++) {
    allocate(worker);
    worker->is_own = is_intact(worker);
    release(worker);
  }
  worker->heap = brimi_heap_mine();
  pthread_barrier_wait(&step);
  return NULL;
}

/* A program may ask for fewer hosts while it runs. */
static void with_one_host(struct heap *mine)
{
  enum { M_ARENA_MAX = -8 }; /* as in glibc's <malloc.h>; other libcs lack it */
  ok(brim_mallopt(M_ARENA_MAX, -1) && brim_mallopt(M_ARENA_MAX, 1), "mallopt takes another number of hosts");
  for (struct worker *worker = workers; worker < workers + THREADS; worker++)
    if (pthread_create(&worker->thread, NULL, work_as_guest, worker))
      exit(71);
  pthread_barrier_wait(&step);
  unsigned guests = 0;
  for (int i = 0; i < THREADS; i++)
    guests += workers[i].heap->host == mine && workers[i].is_own;
  for (int i = 0; i < THREADS; i++)
    pthread_join(workers[i].thread, NULL);
  ok(guests == THREADS && mine->users == 1, "all threads that start then have the one");
}

/* A wide block: the first slabs of its class hold one each. */
enum { WIDE = 20000, WIDE_SLABS = 10 };

static void *place_wide(void *place)
{
  brim_free(brim_malloc(1));
  *(struct brim_placement *)place = brim_place(WIDE);
  return NULL;
}

/* Asks brim_place() in a thread that shares the only host left. */
static void place_as_guest(void)
{
  void *blocks[WIDE_SLABS];
  pthread_t guest;
  struct brim_placement place;
  for (int i = 0; i < WIDE_SLABS; i++)
    blocks[i] = brim_malloc(WIDE);
  if (pthread_create(&guest, NULL, place_wide, &place) || pthread_join(guest, NULL))
    exit(71);
  ok(place.slab_blocks > 1 && place.slab_blocks == brim_place(WIDE).slab_blocks,
     "brim_place tells such a thread what slabs its host has: %zu blocks", place.slab_blocks);
  for (int i = 0; i < WIDE_SLABS; i++)
    brim_free(blocks[i]);
}

static void well(const char *when)
{
  const char *broken = brimi_verify();
  ok(!broken, "every invariant holds %s (%s)", when, broken ? broken : "all of them");
}

int main(void)
{
  brimi_options.hosts = HOSTS;
  brim_free(brim_malloc(1));
  struct heap *mine = brimi_heap_mine();
  pthread_barrier_init(&step, NULL, THREADS + 1);
  for (struct worker *worker = workers; worker < workers + THREADS; worker++)
    if (pthread_create(&worker->thread, NULL, work, worker))
      exit(71);
  pthread_barrier_wait(&step);
  struct heap *second = brimi_heap_next(mine);
  unsigned guests = 0, own = 0;
  for (int i = 0; i < THREADS; i++)
    guests += workers[i].heap->host != workers[i].heap;
  ok(mine->host == mine && second->host == second && guests == THREADS - 1, "the first %d heaps are hosts", HOSTS);
  ok(mine->users + second->users == THREADS + 1 && (mine->users == THREADS / 2 || second->users == THREADS / 2),
     "each has as many threads as the other: %u and %u", mine->users, second->users);
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  ok(!mine->mail_bytes && !second->mail_bytes, "what threads with the same host free of each other is no mail");
  pthread_barrier_wait(&step);
  for (int i = 0; i < THREADS; i++)
    own += workers[i].is_own;
  ok(own == THREADS, "and is allocated next");
  well("when all have freed blocks of another");
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  for (int turn = 0; turn < turns(); turn++)
    pthread_barrier_wait(&step);
  for (int i = 0; i < THREADS; i++)
    pthread_join(workers[i].thread, NULL);
  ok(forked_well == turns(), "a child of a thread whose heap is no host uses all slabs again");
  ok(mine->users == 1 && second->users == 0, "who ends uses none");
  well("when all have ended");
  with_one_host(mine);
  place_as_guest();
  well("when a host is none any more");
  return done_testing();
}
