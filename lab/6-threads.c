/* 6-threads.c: pitfall: two threads move the break at once
 *
 * docs/learn/6-pitfalls.md. sbrk reads the break, adds, and tells the kernel: two threads can read the same value. */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <pthread.h>

enum { THREADS = 2, PIECES = 20000, PIECE = 16 };
static void *pieces[THREADS * PIECES];
static pthread_barrier_t start_line;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool use_lock;

static void *take_pieces(void *mine)
{
  void **list = mine;
  pthread_barrier_wait(&start_line);
  for (int i = 0; i < PIECES; i++) {
    if (use_lock)
      pthread_mutex_lock(&lock);
    list[i] = sbrk(PIECE); /* never written to: another may think that it is his */
    if (use_lock)
      pthread_mutex_unlock(&lock);
  }
  return NULL;
}

static int by_address(const void *a, const void *b)
{
  uintptr_t x = (uintptr_t) * (void *const *)a, y = (uintptr_t) * (void *const *)b;
  return (x > y) - (x < y);
}

/* How many pieces were given to both threads. */
static int count_twice(void)
{
  int twice = 0;
  qsort(pieces, THREADS * PIECES, sizeof pieces[0], by_address);
  for (int i = 1; i < THREADS * PIECES; i++)
    twice += pieces[i] == pieces[i - 1];
  return twice;
}

struct outcome {
  long moved; /* bytes that the break has gone up */
  int twice;
};

static struct outcome run(bool with_lock)
{
  pthread_t threads[THREADS];
  use_lock = with_lock;
  /* Created first, so that their stacks and whatever malloc needs for them is not counted. */
  pthread_barrier_init(&start_line, NULL, THREADS + 1);
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, take_pieces, pieces + i * PIECES) != 0)
      exit(EXIT_FAILURE);
  char *before = sbrk(0);
  pthread_barrier_wait(&start_line);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  struct outcome outcome = {(char *)sbrk(0) - before, 0};
  outcome.twice = count_twice();
  printf("  asked for %d bytes, the break went up by %ld; %d pieces were given out twice\n", THREADS * PIECES * PIECE,
         outcome.moved, outcome.twice);
  return outcome;
}

int main(void)
{
  lab_begin();
  if (!break_moves())
    return EXIT_SUCCESS;
  const long all = (long)THREADS * PIECES * PIECE;
  printf("Wrong: two threads, no lock\n");
  struct outcome racing = run(false);
  if (racing.moved < all)
    printf("  so %ld bytes are lost: both threads believe them to be theirs\n", all - racing.moved);
  else
    printf("  nothing was lost, this time: chance. Run it again\n");
  expect(racing.moved <= all, "the break never goes further than what was asked for");
  printf("Right: one lock around every move of the break\n");
  struct outcome locked = run(true);
  expect(locked.moved == all && locked.twice == 0, "all of it is there, and nothing was given out twice");
  return lab_end();
}
