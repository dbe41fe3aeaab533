/* busy.c: forks beside 64 threads that allocate and never rest, more than there are processors. Time is this process's CPU
 * time, so that other programs do not matter. */
#define _GNU_SOURCE
#include "tap.h"
#include "rng.h"
#include "proc.h"
#include "api/names.h"
#include <pthread.h>
#include <stdatomic.h>

enum { ALLOCATORS = 64, BLOCKS = 100, FORKS = 30 };

static atomic_bool stop;
static atomic_int started;

static void *allocate(void *seed)
{
  static _Atomic(void *) boxes[512];
  struct rng rng = {(uintptr_t)seed};
  void *own[BLOCKS] = {0};
  for (started++; !stop;) {
    size_t at = rng_below(&rng, BLOCKS);
    free(own[at]);
    own[at] = malloc(rng_size(&rng, rng_below(&rng, 300) ? 10000 : 400000));
    own[at] = atomic_exchange(&boxes[rng_below(&rng, 512)], own[at]);
  }
  for (int i = 0; i < BLOCKS; i++)
    free(own[i]);
  return NULL;
}

static double cpu_seconds(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(void)
{
  static pthread_t threads[ALLOCATORS];
  int failed = 0;
  double forking = 0;
  for (int i = 0; i < ALLOCATORS; i++)
    if (pthread_create(&threads[i], NULL, allocate, (void *)(uintptr_t)(i + 1)))
      return 71;
  while (started < ALLOCATORS)
    sleep_ms(1);
  for (int i = 0; i < FORKS; i++) {
    double start = cpu_seconds();
    pid_t pid = fork();
    if (!pid) {
      free(malloc(1000));
      _exit(0);
    }
    forking += cpu_seconds() - start;
    int status = -1;
    failed += pid < 0 || waitpid(pid, &status, 0) != pid || status;
  }
  stop = true;
  for (int i = 0; i < ALLOCATORS; i++)
    pthread_join(threads[i], NULL);
  ok(!failed, "%d forks: %d fail", FORKS, failed);
  ok(forking < FORKS, "the other threads work for %d ms until a fork is done", (int)(forking / FORKS * 1000));
  return done_testing();
}
