/* signal.c: fork from a signal handler that interrupted malloc, free or fork. Child and parent go on where they were. */
#define _GNU_SOURCE
#include "tap.h"
#include "rng.h"
#include "api/names.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/time.h>

enum { SLOTS = 400 };

static volatile sig_atomic_t is_child;
static atomic_int forks, children_ended, children_bad;
static int forks_wanted;

static void reap(void)
{
  int status;
  while (waitpid(-1, &status, WNOHANG) > 0) {
    children_ended++;
    children_bad += status != 0;
  }
}

static void fork_here(int signal)
{
  int saved = errno;
  (void)signal;
  if (!is_child && forks < forks_wanted) {
    pid_t pid = fork();
    if (!pid) {
      is_child = 1;
      alarm(30);
    } else if (pid > 0)
      forks++;
  }
  errno = saved;
}

/* Mostly sizes that leave the fast path, so that a signal meets locks that are held. */
static bool churn(struct rng *rng, unsigned char **slot, int operations)
{
  for (int i = 0; i < operations; i++) {
    size_t at = rng_below(rng, SLOTS), size = 1 + rng_size(rng, rng_below(rng, 20) ? 60000 : 300000);
    if (slot[at] && slot[at][0] != (unsigned char)at)
      return false;
    free(slot[at]);
    slot[at] = malloc(size);
    if (!slot[at])
      return false;
    slot[at][0] = (unsigned char)at;
  }
  return true;
}

static atomic_bool stop;

static void *churn_beside(void *seed)
{
  unsigned char *slot[SLOTS] = {0};
  struct rng rng = {(uintptr_t)seed};
  while (!stop)
    churn(&rng, slot, 100);
  for (int i = 0; i < SLOTS; i++)
    free(slot[i]);
  return NULL;
}

/* Here a signal meets locks that fork itself has taken. */
static void fork_by_itself(struct rng *rng, unsigned char **slot)
{
  int status = 1;
  pid_t pid = fork();
  if (!pid)
    _exit(churn(rng, slot, 10) ? 0 : 1);
  children_bad += waitpid(pid, &status, 0) == pid && status != 0;
}

static bool only_blocks(int signal)
{
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, NULL, &blocked);
  for (int other = 1; other < NSIG; other++)
    if (sigismember(&blocked, other) != (other == signal))
      return false;
  return true;
}

static void mask(void)
{
  sigset_t usr1;
  int status = 1;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  pthread_sigmask(SIG_SETMASK, &usr1, NULL);
  pid_t pid = fork();
  if (!pid)
    _exit(!only_blocks(SIGUSR1));
  ok(only_blocks(SIGUSR1) && waitpid(pid, &status, 0) == pid && status == 0,
     "after fork the same signals are blocked as before, in parent and child");
  pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
}

static void run(int threads, bool itself, const char *name)
{
  static unsigned char *slot[SLOTS];
  pthread_t beside[4];
  sigset_t alarm_only;
  struct rng rng = {1};
  forks = children_ended = children_bad = 0;
  stop = false;
  /* The signal goes only to this thread, which churns and forks. */
  sigemptyset(&alarm_only);
  sigaddset(&alarm_only, SIGPROF);
  pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
  for (int i = 0; i < threads; i++)
    if (pthread_create(&beside[i], NULL, churn_beside, (void *)(uintptr_t)(i + 2)))
      _exit(71);
  pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
  bool intact = true;
  while (!is_child && forks < forks_wanted) {
    intact &= churn(&rng, slot, 50);
    if (itself)
      fork_by_itself(&rng, slot);
    reap();
  }
  if (is_child)
    _exit(churn(&rng, slot, 2000) ? 0 : 1);
  stop = true;
  for (int i = 0; i < threads; i++)
    pthread_join(beside[i], NULL);
  for (int status; children_ended < forks && waitpid(-1, &status, 0) > 0; children_ended++)
    children_bad += status != 0;
  ok(intact && !children_bad, "%d forks from a signal handler, %s: %d children hang or fail", (int)forks, name,
     (int)children_bad);
}

int main(void)
{
  struct sigaction action = {.sa_handler = fork_here, .sa_flags = SA_RESTART};
  struct itimerval every_ms = {{0, 1500}, {0, 1500}};
  forks_wanted = long_run() ? 5000 : 400;
  alarm(long_run() ? 1100 : 250);
  sigaction(SIGPROF, &action, NULL);
  setitimer(ITIMER_PROF, &every_ms, NULL);
  mask();
  run(0, false, "one thread");
  run(0, true, "one thread, forking itself");
  run(3, false, "beside three threads that allocate");
  run(3, true, "forking itself, beside three threads that allocate");
  return done_testing();
}
