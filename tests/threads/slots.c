/* slots.c: large blocks that threads keep for themselves, while another thread gives such blocks back. What lies idle goes, and
 * what a thread takes at that moment is its own. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include "number.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum { SIZE = 300000, HOLDERS = 20, PAIRS = 3, WINDOW = 3 };

static pthread_barrier_t kept, looked_at;

static void *keep_and_wait(void *unused)
{
  char *block = malloc(SIZE);
  block[0] = 1;
  free(block);
  pthread_barrier_wait(&kept);
  pthread_barrier_wait(&looked_at);
  return unused;
}

/* 0, or what is wrong. */
static int idle(void *unused)
{
  (void)unused;
  pthread_t threads[HOLDERS];
  pthread_barrier_init(&kept, NULL, HOLDERS + 1);
  pthread_barrier_init(&looked_at, NULL, HOLDERS + 1);
  for (int i = 0; i < HOLDERS; i++)
    if (pthread_create(&threads[i], NULL, keep_and_wait, NULL))
      _exit(71);
  pthread_barrier_wait(&kept);
  uint64_t before = number("mappings_cached");
  malloc_trim(0);
  uint64_t after = number("mappings_cached");
  pthread_barrier_wait(&looked_at);
  for (int i = 0; i < HOLDERS; i++)
    pthread_join(threads[i], NULL);
  return before < SIZE ? 1 : after ? 2 : 0;
}

static _Atomic bool stops; /* relaxed */

/* Holds a few blocks, of sizes that can serve each other and of others, marked at both ends. Returns how many were damaged. */
static void *pairs(void *mark)
{
  static const size_t sizes[] = {150000, 151000, 400000, 1 << 20, 150000, 5 << 20};
  struct {
    char *block;
    size_t bytes;
  } held[WINDOW] = {{NULL, 0}};
  size_t wrong = 0;
  for (unsigned n = 0; !atomic_load_explicit(&stops, memory_order_relaxed); n++) {
    size_t i = n % WINDOW, bytes = sizes[n / 64 % (sizeof sizes / sizeof *sizes)];
    if (held[i].block)
      wrong += held[i].block[0] != *(char *)mark || held[i].block[held[i].bytes - 1] != *(char *)mark;
    free(held[i].block);
    if (!(held[i].block = malloc(bytes)))
      _exit(73);
    held[i].bytes = bytes;
    held[i].block[0] = held[i].block[bytes - 1] = *(char *)mark;
  }
  for (int i = 0; i < WINDOW; i++)
    free(held[i].block);
  return (void *)wrong;
}

static int busy(void *trims)
{
  static char marks[PAIRS] = {'a', 'b', 'c'};
  pthread_t threads[PAIRS];
  size_t wrong = 0;
  for (int i = 0; i < PAIRS; i++)
    if (pthread_create(&threads[i], NULL, pairs, &marks[i]))
      _exit(71);
  for (int i = 0; i < *(int *)trims; i++)
    malloc_trim(0);
  atomic_store_explicit(&stops, true, memory_order_relaxed);
  for (int i = 0; i < PAIRS; i++) {
    void *of_thread;
    pthread_join(threads[i], &of_thread);
    wrong += (size_t)of_thread;
  }
  return wrong ? 1 : number("mappings_live") ? 2 : 0;
}

static _Atomic bool has_idle;

/* Keeps an idle block in one slot, too large for the other requests, and takes and frees another one as often as it can. */
static void *keep_beside_pairs(void *unused)
{
  while (!stops) {
    char *idle = malloc(4 * SIZE), *block = malloc(SIZE);
    idle[0] = block[0] = 1;
    free(idle);
    free(block);
    has_idle = true;
    while (has_idle && !stops)
      free(malloc(SIZE));
  }
  return unused;
}

static int idle_beside_pairs(void *unused)
{
  enum { TRIMS = 1000, MAY_MISS = 15 };
  (void)unused;
  pthread_t thread;
  int missed = 0;
  if (pthread_create(&thread, NULL, keep_beside_pairs, NULL))
    _exit(71);
  for (int i = 0; i < TRIMS; i++) {
    while (!has_idle)
      sched_yield();
    usleep(50);
    malloc_trim(0);
    missed += number("mappings_cached") >= 4 * SIZE;
    has_idle = false;
  }
  stops = true;
  pthread_join(thread, NULL);
  return missed > MAY_MISS ? missed / 10 : 0;
}

/* What a thread does while malloc_trim(), in another thread, has closed its slots. */
static _Atomic enum { NOTHING, KEPT, CLOSED, DONE } step;

static void keep_until_closed(void)
{
  char *block = malloc(SIZE);
  block[0] = 1;
  free(block);
  step = KEPT;
  while (step != CLOSED)
    sched_yield();
}

static void *ask_for_too_much(void *unused)
{
  (void)unused;
  keep_until_closed();
  void *block = malloc(hide_size(PTRDIFF_MAX));
  step = DONE;
  return block;
}

static void *end_then(void *unused)
{
  keep_until_closed();
  return unused;
}

static void at_fence(int signal)
{
  (void)signal;
  if (step == KEPT)
    step = CLOSED;
  for (int i = 0; i < 300 && step == CLOSED; i++)
    usleep(1000);
}

/* Trims, with at_fence() called in place of the fence, which then counts as refused. Returns the thread's result. */
static void *trim_beside(void *(*run)(void *))
{
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof program / sizeof *program, program};
  pthread_t thread;
  void *result;
  if (pthread_create(&thread, NULL, run, NULL))
    _exit(71);
  while (step != KEPT)
    sched_yield();
  signal(SIGSYS, at_fence);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
    _exit(71);
  malloc_trim(0);
  if (step == KEPT)
    _exit(74);
  pthread_join(thread, &result);
  return result;
}

static int closed(void *unused)
{
  (void)unused;
  return trim_beside(ask_for_too_much) != NULL;
}

static int ended(void *unused)
{
  (void)unused;
  trim_beside(end_then);
  malloc_trim(0);
  return number("mappings_cached") != 0;
}

int main(void)
{
  int trims = (long_run() ? 1000000 : 30000) / TAP_SLOW;
  struct ending end = ended_as(idle, NULL, 60);
  ok(!end.signal && !end.code, "what idle threads keep goes back (signal %d, exit code %d)", end.signal, end.code);
  end = ended_as(busy, &trims, long_run() ? 600 : 120);
  ok(!end.signal && !end.code,
     "what busy threads take is their own, however often others give back (signal %d, exit code %d: %s)", end.signal,
     end.code, end.text);
  end = ended_as(idle_beside_pairs, NULL, 120);
  ok(!end.signal && !end.code,
     "what lies idle goes back though its thread takes another block (signal %d, exit code %d)", end.signal,
     end.code);
  end = ended_as(closed, NULL, 60);
  ok(!end.signal && !end.code,
     "no request is so large that what is being given back serves it (signal %d, exit code %d)", end.signal,
     end.code);
  end = ended_as(ended, NULL, 60);
  ok(!end.signal && !end.code, "a thread that ends meanwhile leaves nothing (signal %d, exit code %d)", end.signal,
     end.code);
  return done_testing();
}
