/* handlers.c: threads fork from signal handlers, mostly from within the allocator, while another forks as usual: none waits for
 * another for ever. */
#define _GNU_SOURCE
#include "tap.h"
#include "rng.h"
#include "api/names.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

enum { THREADS = 3, SLOTS = 50 };

static atomic_int forks, bad;
static atomic_bool stop;

static void fork_here(int signal)
{
  int saved = errno, status = 1;
  (void)signal;
  pid_t pid = fork();
  if (!pid)
    _exit(0);
  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  forks++;
  bad += status != 0;
  errno = saved;
}

/* Sizes that leave the fast path, so that a signal meets locks that are held. */
static void *churn(void *seed)
{
  void *slot[SLOTS] = {0};
  struct rng rng = {(uintptr_t)seed};
  while (!stop) {
    size_t at = rng_below(&rng, SLOTS);
    free(slot[at]);
    slot[at] = malloc(4097 + rng_below(&rng, 60000));
  }
  for (int i = 0; i < SLOTS; i++)
    free(slot[i]);
  return NULL;
}

int main(void)
{
  struct sigaction action = {.sa_handler = fork_here, .sa_flags = SA_RESTART};
  pthread_t thread[THREADS];
  int wanted = long_run() ? 2000 : 100;
  alarm(long_run() ? 600 : 60);
  sigaction(SIGUSR1, &action, NULL);
  for (uintptr_t i = 0; i < THREADS; i++)
    if (pthread_create(&thread[i], NULL, churn, (void *)(i + 1)))
      return 71;
  for (unsigned i = 0; forks < wanted; i++) {
    pthread_kill(thread[i % THREADS], SIGUSR1);
    fork_here(0);
  }
  stop = true;
  for (int i = 0; i < THREADS; i++)
    pthread_join(thread[i], NULL);
  ok(!bad, "%d forks beside handlers that fork in %d threads: %d fail", (int)forks, THREADS, (int)bad);
  return done_testing();
}
