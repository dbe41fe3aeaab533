/* outbox.c: a block is on its way to the heap of a thread that is not in the child of a fork. It is given back only once,
 * although another thread of the child takes over that heap. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include <malloc.h>
#include <pthread.h>

static void *volatile given;
static pthread_barrier_t step;

static void *owner(void *unused)
{
  given = malloc(100);
  pthread_barrier_wait(&step);
  pause();
  return unused;
}

static void *adopter(void *unused)
{
  free(malloc(5000));
  return unused;
}

static int child(void *unused)
{
  pthread_t thread;
  (void)unused;
  if (pthread_create(&thread, NULL, adopter, NULL))
    return 71;
  pthread_join(thread, NULL);
  malloc_trim(0); /* empties the outbox */
  return 0;
}

int main(void)
{
  pthread_t thread;
  free(malloc(10));
  pthread_barrier_init(&step, NULL, 2);
  if (pthread_create(&thread, NULL, owner, NULL))
    return 71;
  pthread_barrier_wait(&step);
  free(given);
  struct ending end = ended_as(child, NULL, 60);
  if (!ok(!end.signal && !end.code && !end.text[0], "the child goes on and says nothing"))
    diag("signal %d, exit code %d, stderr: %.200s", end.signal, end.code, end.text);
  return done_testing();
}
