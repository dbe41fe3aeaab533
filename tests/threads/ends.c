/* ends.c: the allocator works to the very end of threads and of the process: in destructors of thread-local storage of
 * every round, in atexit handlers, and after the main thread has left. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include "base/compiler.h"
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

static pthread_key_t key;
static atomic_int rounds_seen; /* atomic, as the sanitizer does not see that destructors end before the join */

/* Frees what the last round left, allocates anew, and asks for another round, until libc gives up. */
static void destroy(void *block)
{
  char *old = block;
  if (old[0] != 'k')
    _exit(1);
  free(old);
  char *again = malloc(300), *large = malloc(200000);
  again[0] = 'k';
  large[0] = large[199999] = 1;
  free(large);
  rounds_seen++;
  pthread_setspecific(key, again);
}

static void *last_block;

static void *thread_with_key(void *unused)
{
  (void)unused;
  char *block = malloc(100);
  block[0] = 'k';
  pthread_setspecific(key, block);
  last_block = realloc(malloc(10), 5000);
  return last_block;
}

static void in_destructors(void)
{
  pthread_t thread;
  pthread_key_create(&key, destroy);
  for (int i = 0; i < 100; i++) {
    rounds_seen = 0;
    pthread_create(&thread, NULL, thread_with_key, NULL);
    pthread_join(thread, NULL);
    free(last_block);
    if (rounds_seen != PTHREAD_DESTRUCTOR_ITERATIONS)
      break;
  }
  ok(rounds_seen == PTHREAD_DESTRUCTOR_ITERATIONS, "malloc and free in each of %d rounds of destructors",
     rounds_seen);
}

/* Which exit code says that all went well: no test could return it by accident. */
enum { ALL_WELL = 42 };
static void *from_main;

static void work_at_exit(void)
{
  free(from_main);
  void *block[100];
  for (int i = 0; i < 100; i++)
    memset(block[i] = malloc((size_t)i * 3000 + 1), i, (size_t)i * 3000 + 1);
  for (int i = 0; i < 100; i++)
    free(block[i]);
}

static void leave_well(void)
{
  void *block = malloc(10);
  free(block);
  _exit(ALL_WELL);
}

static int exits(void *unused)
{
  (void)unused;
  from_main = malloc(5000);
  /* Called in reverse order. */
  atexit(leave_well);
  atexit(work_at_exit);
  exit(0);
}

static void *outlive_main(void *main_thread)
{
  pthread_join(*(pthread_t *)main_thread, NULL);
  for (int i = 0; i < 1000; i++)
    free(malloc((size_t)i * 300));
  free(from_main);
  exits(NULL);
  return NULL;
}

static int main_leaves_first(void *unused)
{
  (void)unused;
  static pthread_t self, other;
  self = pthread_self();
  from_main = malloc(77);
  if (pthread_create(&other, NULL, outlive_main, &self))
    return 1;
  pthread_exit(NULL);
}

static void *run_until_killed(void *unused)
{
  for (size_t n = 1;; n = n * 7 % 100003)
    free(malloc(n));
  return unused;
}

static int exits_under_load(void *unused)
{
  pthread_t thread;
  for (int i = 0; i < 4; i++)
    if (pthread_create(&thread, NULL, run_until_killed, NULL))
      return 1;
  return exits(unused);
}

static void ends_well(int (*act)(void *), const char *name)
{
  struct ending end = ended_as(act, NULL, 60);
  if (!ok(!end.signal && end.code == ALL_WELL && !end.text[0], "%s", name))
    diag("signal %d, exit code %d, stderr: %.500s", end.signal, end.code, end.text);
}

int main(void)
{
  in_destructors();
  ends_well(exits, "malloc and free in atexit handlers");
  ends_well(exits_under_load, "while other threads allocate");
  if (SANITIZES_THREADS)
    skip("ThreadSanitizer fails when a thread joins main");
  else
    ends_well(main_leaves_first, "malloc and free after pthread_exit of main");
  return done_testing();
}
