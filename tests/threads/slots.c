/* slots.c: large blocks that threads keep for themselves, while another thread gives them back: what lies idle goes, and what a
 * thread takes at that moment is its own. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include "number.h"
#include <pthread.h>
#include <stdatomic.h>

enum { SIZE = 300000, HOLDERS = 20, PAIRS = 3, WINDOW = 3 };

static pthread_barrier_t kept, looked_at;

static void *keep_and_wait(void *unused)
{
  char *block = malloc(SIZE);
  block[0] = 1;
  free(block);
  pthread_barrier_wait(&kept);
  pthread_barrier_wait(&looked_at);
  return unused;
}

/* 0, or what is wrong. */
static int idle(void *unused)
{
  (void)unused;
  pthread_t threads[HOLDERS];
  pthread_barrier_init(&kept, NULL, HOLDERS + 1);
  pthread_barrier_init(&looked_at, NULL, HOLDERS + 1);
  for (int i = 0; i < HOLDERS; i++)
    if (pthread_create(&threads[i], NULL, keep_and_wait, NULL))
      _exit(71);
  pthread_barrier_wait(&kept);
  uint64_t before = number("mappings_cached");
  malloc_trim(0);
  uint64_t after = number("mappings_cached");
  pthread_barrier_wait(&looked_at);
  for (int i = 0; i < HOLDERS; i++)
    pthread_join(threads[i], NULL);
  return before < SIZE ? 1 : after ? 2 : 0;
}

static _Atomic bool stops; /* relaxed */

/* A few blocks of sizes that stand in for each other, and of others, each marked at both ends. */
static void *pairs(void *mark)
{
  static const size_t sizes[] = {150000, 151000, 400000, 1 << 20, 150000, 5 << 20};
  struct {
    char *block;
    size_t bytes;
  } held[WINDOW] = {{NULL, 0}};
  size_t wrong = 0;
  for (unsigned n = 0; !atomic_load_explicit(&stops, memory_order_relaxed); n++) {
    size_t i = n % WINDOW, bytes = sizes[n / 64 % (sizeof sizes / sizeof *sizes)];
    if (held[i].block)
      wrong += held[i].block[0] != *(char *)mark || held[i].block[held[i].bytes - 1] != *(char *)mark;
    free(held[i].block);
    if (!(held[i].block = malloc(bytes)))
      _exit(73);
    held[i].bytes = bytes;
    held[i].block[0] = held[i].block[bytes - 1] = *(char *)mark;
  }
  for (int i = 0; i < WINDOW; i++)
    free(held[i].block);
  return (void *)wrong;
}

static int busy(void *trims)
{
  static char marks[PAIRS] = {'a', 'b', 'c'};
  pthread_t threads[PAIRS];
  size_t wrong = 0;
  for (int i = 0; i < PAIRS; i++)
    if (pthread_create(&threads[i], NULL, pairs, &marks[i]))
      _exit(71);
  for (int i = 0; i < *(int *)trims; i++)
    malloc_trim(0);
  atomic_store_explicit(&stops, true, memory_order_relaxed);
  for (int i = 0; i < PAIRS; i++) {
    void *of_thread;
    pthread_join(threads[i], &of_thread);
    wrong += (size_t)of_thread;
  }
  return wrong ? 1 : number("mappings_live") ? 2 : 0;
}

int main(void)
{
  int trims = long_run() ? 1000000 : 30000;
  struct ending end = ended_as(idle, NULL, 60);
  ok(!end.signal && !end.code, "what idle threads keep goes back (signal %d, exit code %d)", end.signal, end.code);
  end = ended_as(busy, &trims, long_run() ? 600 : 120);
  ok(!end.signal && !end.code,
     "what busy threads take is their own, however often others give back (signal %d, exit code %d: %s)", end.signal,
     end.code, end.text);
  return done_testing();
}
