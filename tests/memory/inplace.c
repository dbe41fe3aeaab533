/* inplace.c: with BRIM_PURGE_THREAD=0 the thread that frees gives memory back, even what lies in the mailbox of a thread that
 * sleeps. It still does after a time in which much was free, but no whole page. */
#define _GNU_SOURCE
#include "memory/heap.h"
#include <pthread.h>

enum { BYTES = 1000, BLOCKS = 60000, MAILED = 7000, SLACK = 6 << 20 /* 4 MiB stay */ };

static pthread_barrier_t step;
static char *of_sleeper[BLOCKS], *own[BLOCKS];

static void allocate(char **blocks)
{
  for (size_t i = 0; i < BLOCKS; i++)
    memset(blocks[i] = malloc(BYTES), 1, BYTES);
}

static void *allocate_and_sleep(void *unused)
{
  allocate(of_sleeper);
  pthread_barrier_wait(&step);
  pthread_barrier_wait(&step);
  return unused;
}

static void comes_down(size_t from, size_t freed, const char *what)
{
  size_t rss = rss_bytes();
  ok(rss + freed <= from + SLACK, "%s: of %zu KiB, %zu are freed and %zu stay", what, from >> 10, freed >> 10,
     rss >> 10);
}

static void mail_of_a_sleeper(void)
{
  pthread_t sleeper;
  pthread_barrier_init(&step, NULL, 2);
  if (pthread_create(&sleeper, NULL, allocate_and_sleep, NULL))
    exit(71);
  pthread_barrier_wait(&step);
  allocate(own);
  size_t full = rss_bytes();
  for (size_t i = 0; i < MAILED; i++)
    free(of_sleeper[i]);
  for (size_t i = 0; i < BLOCKS; i++)
    free(own[i]);
  comes_down(full, (size_t)(MAILED + BLOCKS) * BYTES, "a thread sleeps");
  for (size_t i = MAILED; i < BLOCKS; i++)
    free(of_sleeper[i]);
  pthread_barrier_wait(&step);
  pthread_join(sleeper, NULL);
}

static void first_no_whole_page(void)
{
  allocate(own);
  size_t full = rss_bytes();
  for (size_t i = 0; i < BLOCKS; i += 2)
    free(own[i]);
  for (size_t i = 1; i < BLOCKS; i += 2)
    free(own[i]);
  comes_down(full, (size_t)BLOCKS * BYTES, "first every second block");
}

int main(void)
{
  start_with("BRIM_PURGE_THREAD", "0");
  mail_of_a_sleeper();
  first_no_whole_page();
  return done_testing();
}
