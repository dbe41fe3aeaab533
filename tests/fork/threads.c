/* threads.c: 1,000 forks under 64 threads that allocate. Every child can allocate, free what its parent made, and start
 * threads; none hangs, and neither does the parent. */
#define _GNU_SOURCE
#include "tap.h"
#include "rng.h"
#include "proc.h"
#include "api/names.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

enum { ALLOCATORS = 64, FORKERS = 4, BLOCKS = 100 };

static atomic_bool stop;
static atomic_int hung, failed, forked;
static int forks_each;

/* Sizes that reach every part: slabs, fresh spans, mappings; and blocks of other threads. */
static void *allocate(void *seed)
{
  static _Atomic(void *) boxes[512];
  struct rng rng = {(uintptr_t)seed};
  void *own[BLOCKS] = {0};
  while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
    for (int i = 0; i < 200; i++) {
      size_t at = rng_below(&rng, BLOCKS);
      free(own[at]);
      own[at] = malloc(rng_size(&rng, rng_below(&rng, 300) ? 10000 : 400000));
      own[at] = atomic_exchange(&boxes[rng_below(&rng, 512)], own[at]);
    }
    /* Two cores for 68 threads: let the forking ones have their turn. */
    sleep_ms(3);
  }
  for (int i = 0; i < BLOCKS; i++)
    free(own[i]);
  return NULL;
}

static void *in_child_thread(void *block)
{
  free(block);
  return malloc(20000);
}

static int child(void **blocks)
{
  for (int i = 0; i < BLOCKS; i++)
    if (*(int *)blocks[i] != i)
      return 1;
    else
      free(blocks[i]);
  for (int i = 0; i < BLOCKS; i++)
    if (!(blocks[i] = calloc(1, (size_t)(i * i * 40 + 1))))
      return 2;
  pthread_t thread;
  void *made;
  if (pthread_create(&thread, NULL, in_child_thread, blocks[0]) || pthread_join(thread, &made))
    return 3;
  free(made);
  for (int i = 1; i < BLOCKS; i++)
    free(blocks[i]);
  /* A grandchild, from the child's only thread. */
  pid_t pid = fork();
  if (!pid) {
    free(malloc(1000));
    _exit(0);
  }
  int status;
  return waitpid(pid, &status, 0) != pid || status ? 4 : 0;
}

static void *fork_children(void *unused)
{
  for (int n = 0; n < forks_each; n++) {
    void *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++)
      *(int *)(blocks[i] = malloc((size_t)(i * i * 20) + sizeof(int))) = i;
    pid_t pid = fork();
    if (!pid) {
      alarm(30);
      _exit(child(blocks));
    }
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
      continue;
    forked++;
    if (pid > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
      hung++;
    else if (status)
      failed++;
    for (int i = 0; i < BLOCKS; i++)
      free(blocks[i]);
  }
  return unused;
}

int main(void)
{
  static pthread_t allocators[ALLOCATORS], forkers[FORKERS];
  forks_each = long_run() ? 2500 : 250;
  /* A parent that hangs ends by SIGALRM, without a plan. */
  alarm(long_run() ? 1100 : 250);
  for (int i = 0; i < ALLOCATORS; i++)
    if (pthread_create(&allocators[i], NULL, allocate, (void *)(uintptr_t)(i + 1)))
      return 71;
  for (int i = 0; i < FORKERS; i++)
    if (pthread_create(&forkers[i], NULL, fork_children, NULL))
      return 71;
  for (int i = 0; i < FORKERS; i++)
    pthread_join(forkers[i], NULL);
  stop = true;
  for (int i = 0; i < ALLOCATORS; i++)
    pthread_join(allocators[i], NULL);
  ok(!hung, "%d forks under %d allocating threads: %d children hang", (int)forked, ALLOCATORS, (int)hung);
  ok(!failed, "and %d fail", (int)failed);
  return done_testing();
}
