/* storage.c: the program has thread-local variables of its own, so that the allocator's lie far from the thread pointer. The
 * thread that gives memory back, which libc does not know, has none of them. It delivers what waits in the mailbox of a thread
 * that sleeps. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include "freed.h"
#include "proc.h"
#include <pthread.h>

enum { STORAGE = 3000, BLOCKS = 20000, BYTES = 100, MUCH = 600, MUCH_BYTES = 20000 };
static _Thread_local volatile char storage[STORAGE];
static void *blocks[BLOCKS];
static pthread_barrier_t step;

static void *allocate_and_sleep(void *unused)
{
  for (int i = 0; i < BLOCKS; i++)
    memset(blocks[i] = malloc(BYTES), 1, BYTES);
  storage[STORAGE - 1] = 1;
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  return unused;
}

int main(void)
{
  pthread_t thread;
  pthread_barrier_init(&step, NULL, 2);
  if (pthread_create(&thread, NULL, allocate_and_sleep, NULL))
    exit(71);
  pthread_barrier_wait(&step);
  size_t before = rss_bytes();
  use_and_free(MUCH, MUCH_BYTES);
  for (int i = 0; i < BLOCKS; i++)
    free(blocks[i]);
  for (int waited = 0; rss_bytes() > before && waited < 10000 / TAP_SLOW; waited += 50)
    sleep_ms(50);
  ok_without_sanitizer(rss_bytes() <= before,
                       "what was freed for a thread that sleeps goes back beside %d bytes of thread-local storage",
                       STORAGE);
  pthread_barrier_wait(&step);
  pthread_join(thread, NULL);
  return done_testing();
}
