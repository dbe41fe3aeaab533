/* lock.c: one holder at a time among many threads, nobody sleeps for ever, and the holder knows itself. */
#include "tap.h"
#include "os/lock.h"
#include <pthread.h>
#include <sched.h>

enum { THREADS = 8, ROUNDS = 20000 };
static struct lock lock;
static uint64_t counter; /* under the lock */
static size_t not_held;

static void *count_up(void *unused)
{
  for (int i = 0; i < ROUNDS; i++) {
    brimi_lock(&lock);
    uint64_t seen = counter;
    not_held += !brimi_lock_held_by(&lock, brimi_lock_token());
    if (i % 100 == 0)
      sched_yield(); /* so that others find it held, and sleep */
    counter = seen + 1;
    brimi_unlock(&lock);
  }
  return unused;
}

static void *try_it(void *token)
{
  bool taken = brimi_try_lock_as(&lock, brimi_lock_token());
  *(uint32_t *)token = brimi_lock_token();
  return taken ? token : NULL;
}

int main(void)
{
  pthread_t threads[THREADS], other;
  uint32_t token = 0;
  void *taken;
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], NULL, count_up, NULL))
      return 71;
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  ok(counter == THREADS * ROUNDS, "no count is lost by %d threads", THREADS);
  ok(!not_held, "the holder finds its own token");
  ok(!load_relaxed(&lock.word), "it is free at the end");

  brimi_lock(&lock);
  if (pthread_create(&other, NULL, try_it, &token) || pthread_join(other, &taken))
    return 71;
  ok(!taken, "another thread does not get what is held");
  ok(token != brimi_lock_token() && !brimi_lock_held_by(&lock, token), "and has another token");
  brimi_unlock(&lock);
  uint32_t fork = brimi_lock_token() & ~(uint32_t)LOCK_TOKEN_PLAIN;
  brimi_lock_as(&lock, fork);
  ok(brimi_lock_held_by(&lock, fork) && !brimi_lock_held_by(&lock, brimi_lock_token()),
     "the token of a fork is not the thread's own");
  brimi_unlock(&lock);
  return done_testing();
}
