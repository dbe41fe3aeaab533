/* first.c: the very first call of the allocator, by several threads at once, while another thread forks. Built through
 * the prefix, nothing has called it before; preloaded, libc may have. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include <pthread.h>

enum { THREADS = 4 };

static pthread_barrier_t ready;

static void *first_call(void *unused)
{
  pthread_barrier_wait(&ready);
  char *block = malloc(1000);
  block[0] = 1;
  free(block);
  return unused;
}

static int race(void *unused)
{
  pthread_t threads[THREADS];
  pthread_barrier_init(&ready, NULL, THREADS + 1);
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, first_call, unused))
      return 71;
  pthread_barrier_wait(&ready);
  pid_t pid = fork();
  if (!pid) {
    alarm(20);
    void *blocks[100];
    for (int i = 0; i < 100; i++)
      blocks[i] = malloc((size_t)i * 100);
    for (int i = 0; i < 100; i++)
      free(blocks[i]);
    _exit(0);
  }
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  int status;
  return waitpid(pid, &status, 0) != pid || status;
}

int main(void)
{
  int races = long_run() ? 20000 : 500, bad = 0;
  for (int i = 0; i < races; i++) {
    struct ending end = ended_as(race, NULL, 60);
    bad += end.signal || end.code;
  }
  ok(!bad, "%d races of the first call with fork: %d hang or fail", races, bad);
  return done_testing();
}
