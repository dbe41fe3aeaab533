/* sbrk.c: the program moves the break itself, up between the allocations of its threads and down when its memory lies on
 * top. Its memory and the allocator's stay apart.
 *
 * sbrk is not thread-safe (the C library reads where the break stands, then sets it), so a lock keeps the program's own
 * calls out of its calls of malloc: they follow each other closely, but never at once. */
#define _GNU_SOURCE
#include "tap.h"
#include "rng.h"
#include "api/names.h"
#include "model/pattern.h"
#include <pthread.h>

enum { THREADS = 4, BLOCKS = 800, PIECES = 400 };

static pthread_barrier_t round_start, round_end;
static pthread_rwlock_t break_lock = PTHREAD_RWLOCK_INITIALIZER; /* read: may allocate; write: may move the break */
static int rounds = 10;
static bool damaged[THREADS];

static void *allocate(void *number)
{
  int self = *(int *)number;
  unsigned char *block[BLOCKS] = {0};
  size_t size[BLOCKS];
  struct rng rng = {(uint64_t)self};
  for (int round = 0; round < rounds; round++) {
    pthread_barrier_wait(&round_start);
    for (int i = 0; i < 10000; i++) {
      size_t at = rng_below(&rng, BLOCKS);
      if (block[at])
        damaged[self] |= !pattern_holds(block[at], at, size[at]);
      size[at] = rng_size(&rng, 60000);
      pthread_rwlock_rdlock(&break_lock);
      free(block[at]);
      block[at] = malloc(size[at]);
      pthread_rwlock_unlock(&break_lock);
      pattern_fill(block[at], at, 0, size[at]);
    }
    /* Every other round frees all, so that the allocator may want to lower the break. */
    pthread_rwlock_rdlock(&break_lock);
    for (int i = 0; round % 2 && i < BLOCKS; i++) {
      free(block[i]);
      block[i] = NULL;
    }
    pthread_rwlock_unlock(&break_lock);
    pthread_barrier_wait(&round_end);
  }
  for (int i = 0; i < BLOCKS; i++)
    free(block[i]);
  return NULL;
}

/* Takes pieces of odd lengths while the threads run. */
static void take_pieces(struct rng *rng, unsigned char **piece, size_t *length)
{
  for (int i = 0; i < PIECES; i++) {
    length[i] = 1 + rng_below(rng, rng_below(rng, 10) ? 5000 : 300000);
    pthread_rwlock_wrlock(&break_lock);
    piece[i] = sbrk((intptr_t)length[i]);
    pthread_rwlock_unlock(&break_lock);
    if (piece[i] == (void *)-1)
      length[i] = 0;
    else
      pattern_fill(piece[i], (uint64_t)i, 0, length[i]);
  }
}

int main(void)
{
  static unsigned char *piece[PIECES];
  static size_t length[PIECES];
  pthread_t threads[THREADS];
  int numbers[THREADS];
  struct rng rng = {rng_seed()};
  if (sbrk(16) == (void *)-1) {
    skip("sbrk is refused here");
    return done_testing();
  }
  pthread_barrier_init(&round_start, NULL, THREADS + 1);
  pthread_barrier_init(&round_end, NULL, THREADS + 1);
  for (int i = 0; i < THREADS; i++) {
    numbers[i] = i;
    pthread_create(&threads[i], NULL, allocate, &numbers[i]);
  }
  size_t ours_damaged = 0, lowered = 0;
  for (int round = 0; round < rounds; round++) {
    pthread_barrier_wait(&round_start);
    take_pieces(&rng, piece, length);
    pthread_barrier_wait(&round_end);
    malloc_trim(0);
    for (int i = PIECES - 1; i >= 0; i--) {
      ours_damaged += length[i] && !pattern_holds(piece[i], (uint64_t)i, length[i]);
      /* Only the program's own bytes, and only from the very top: nobody moves the break meanwhile. */
      if (length[i] && sbrk(0) == piece[i] + length[i])
        lowered += sbrk(-(intptr_t)length[i]) != (void *)-1;
    }
  }
  bool theirs_damaged = false;
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    theirs_damaged |= damaged[i];
  }
  diag("lowered the break %zu times", lowered);
  ok(!ours_damaged, "what the program took by sbrk keeps its bytes (%zu pieces do not)", ours_damaged);
  ok(!theirs_damaged, "and so do the blocks");
  return done_testing();
}
