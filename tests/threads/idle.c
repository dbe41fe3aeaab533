/* idle.c: a thread that holds one small block and waits costs at most 16 KiB more than one that holds none. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include "api/names.h"
#include <pthread.h>

enum { THREADS = 500 };

static pthread_barrier_t started, finish;

static void *wait_with_block(void *size)
{
  char *block = size ? malloc(*(size_t *)size) : NULL;
  if (block)
    block[0] = 1;
  pthread_barrier_wait(&started);
  pthread_barrier_wait(&finish);
  free(block);
  return NULL;
}

/* Resident bytes of THREADS waiting threads. */
static size_t cost(size_t *block_size)
{
  static pthread_t threads[THREADS];
  pthread_attr_t small_stack;
  pthread_attr_init(&small_stack);
  pthread_attr_setstacksize(&small_stack, 64 << 10);
  pthread_barrier_init(&started, NULL, THREADS + 1);
  pthread_barrier_init(&finish, NULL, THREADS + 1);
  size_t before = rss_bytes();
  for (int i = 0; i < THREADS; i++)
    if (pthread_create(&threads[i], &small_stack, wait_with_block, block_size))
      _exit(71);
  pthread_barrier_wait(&started);
  size_t with = rss_bytes();
  pthread_barrier_wait(&finish);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  return with - before;
}

static size_t *each;

/* In a child, so that no run finds what another left behind. */
static int measure(void *block_size)
{
  /* The first run pays for the stacks, which libc keeps. */
  cost(NULL);
  size_t without = cost(NULL), with = cost(block_size);
  *each = with > without ? (with - without) / THREADS : 0;
  return 0;
}

int main(void)
{
  static size_t sizes[] = {16, 100, 1000};
  each = mmap(NULL, sizeof *each, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    *each = SIZE_MAX;
    ended_as(measure, &sizes[i], 60);
    ok_without_sanitizer(*each <= 16 << 10,
                         "an idle thread with a block of %zu bytes costs %zu bytes, at most 16 KiB", sizes[i], *each);
  }
  return done_testing();
}
