/* 6-threads.c: pitfall: two threads move the break at once
 *
 * docs/learn/6-pitfalls.md. sbrk reads the break, adds, and tells the kernel: two threads can read the same value. */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <errno.h>
#include <pthread.h>

enum { THREADS = 2, PIECES = 20000, PIECE = 16 };
static char *pieces[THREADS * PIECES];
static pthread_barrier_t start_line;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *(*take)(void); /* how to get a piece */

/* No piece is written to: the other thread may have been given it, too. Its moves can also cause a refusal. */
static char *take_from_break(void) { return sbrk(PIECE); }

static char *take_with_lock(void)
{
  pthread_mutex_lock(&lock);
  char *piece = sbrk_or_exit(PIECE);
  pthread_mutex_unlock(&lock);
  return piece;
}

static char *take_by_mmap(void) { return mmap_or_exit(PIECE, PROT_READ | PROT_WRITE); }

static void *take_pieces(void *mine)
{
  char **list = mine;
  pthread_barrier_wait(&start_line);
  for (int i = 0; i < PIECES; i++)
    list[i] = take();
  return NULL;
}

static int by_address(const void *a, const void *b)
{
  uintptr_t x = (uintptr_t) * (char *const *)a, y = (uintptr_t) * (char *const *)b;
  return (x > y) - (x < y);
}

struct outcome {
  long moved;  /* bytes that the break has gone up */
  int twice;   /* pieces that were given to both threads */
  int refused; /* calls that were answered with (void *)-1 */
};

static void count(struct outcome *outcome)
{
  qsort(pieces, THREADS * PIECES, sizeof pieces[0], by_address);
  for (int i = 0; i < THREADS * PIECES; i++)
    if (pieces[i] == (char *)-1)
      outcome->refused++;
    else if (i > 0 && pieces[i] == pieces[i - 1])
      outcome->twice++;
}

static struct outcome run(char *(*way)(void))
{
  pthread_t threads[THREADS];
  take = way;
  /* Created first, so that their stacks and whatever malloc needs for them is not counted. */
  errno = pthread_barrier_init(&start_line, NULL, THREADS + 1);
  for (int i = 0; i < THREADS && !errno; i++)
    errno = pthread_create(&threads[i], NULL, take_pieces, pieces + i * PIECES);
  if (errno)
    give_up("threads");
  char *before = sbrk(0);
  pthread_barrier_wait(&start_line);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  pthread_barrier_destroy(&start_line);
  struct outcome outcome = {.moved = (char *)sbrk(0) - before};
  count(&outcome);
  return outcome;
}

static void report(struct outcome outcome)
{
  printf("  asked for %d bytes, the break went up by %ld; %d pieces were given out twice\n", THREADS * PIECES * PIECE,
         outcome.moved, outcome.twice);
  if (outcome.refused)
    printf("  %d calls were refused\n", outcome.refused);
}

int main(void)
{
  lab_begin();
  if (!break_moves())
    return EXIT_SUCCESS;
  picture("before");
  const long all = (long)THREADS * PIECES * PIECE;
  printf("Wrong: two threads, no lock\n");
  struct outcome racing = run(take_from_break);
  report(racing);
  if (racing.moved < all)
    printf("  so %ld bytes are lost: both threads take them for theirs\n", all - racing.moved);
  else
    printf("  nothing was lost this time, by chance. Run it again\n");
  expect(racing.moved <= all, "the break never goes further than what was asked for");
  printf("Right: one lock around every move of the break\n");
  struct outcome locked = run(take_with_lock);
  report(locked);
  expect(locked.moved == all && locked.twice == 0, "all of it is there, and nothing was given out twice");
  printf("Right as well: mappings, and no lock\n");
  struct outcome mapped = run(take_by_mmap);
  expect(mapped.twice == 0, "no mapping was given out twice: the kernel chooses the addresses");
  expect(mapped.moved == 0, "and the break has not moved");
  picture("after");
  return lab_end();
}
