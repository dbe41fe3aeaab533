/* handler.c: a signal handler that interrupts the allocator on its own thread and allocates. What it gets is freed later
 * like any other block, and goes back to the system.
 *
 * One signal is SIGSYS, from a sandbox that refuses madvise: it comes at a known place, inside malloc_trim. Another is SIGUSR1,
 * ten thousand times a second, while large blocks grow. */
#define _GNU_SOURCE
#include "tap.h"
#include "model/pattern.h"
#include "api/names.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

enum { BLOCKS = 200, NEIGHBOURS = 40, NEIGHBOUR_BYTES = 150000, MOVED_BYTES = 3000000 };
static unsigned char *blocks[BLOCKS];
static volatile int count;
static volatile sig_atomic_t is_inside;

static size_t size_of(int i) { return i % 3 ? (size_t)i * 20 + 1 : (size_t)i * 3000 + 200000; }

/* From 16 bytes, which every block has, to 2 MiB. */
static size_t alignment_of(int i) { return (size_t)16 << i % 18; }

static void allocate_inside(int signal)
{
  (void)signal;
  /* is_inside: the first address in a leaf of the page map makes the allocator call madvise for the leaf, too. */
  if (count == BLOCKS || is_inside)
    return;
  is_inside = 1;
  blocks[count] = count % 2 ? aligned_alloc(alignment_of(count), size_of(count)) : malloc(size_of(count));
  if (!blocks[count] || (count % 2 && (uintptr_t)blocks[count] % alignment_of(count)))
    _exit(81);
  pattern_fill(blocks[count], (uint64_t)count, 0, size_of(count));
  count++;
  is_inside = 0;
}

static void interrupt_madvise(void)
{
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
      /* No helper thread: SIGSYS, which it does not handle, would end it. */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {sizeof program / sizeof *program, program};
  struct sigaction action = {.sa_handler = allocate_inside, .sa_flags = SA_NODEFER};
  sigaction(SIGSYS, &action, NULL);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
    _exit(71);
}

/* Free memory inside the heap, below a block that stays, for which malloc_trim calls madvise. */
static void free_some(void)
{
  static void *small[600];
  for (int i = 0; i < 600; i++)
    memset(small[i] = small[i] ? small[i] : malloc(3000), 1, 3000);
  for (int i = 0; i < 599; i++) {
    free(small[i]);
    small[i] = NULL;
  }
}

/* Handlers' blocks lie among others; all are freed, and their memory goes back. */
static int free_them(void *unused)
{
  (void)unused;
  static unsigned char *neighbours[NEIGHBOURS];
  interrupt_madvise();
  for (int round = 0; count < BLOCKS && round < BLOCKS; round++) {
    neighbours[round % NEIGHBOURS] = realloc(neighbours[round % NEIGHBOURS], NEIGHBOUR_BYTES);
    pattern_fill(neighbours[round % NEIGHBOURS], (uint64_t)round % NEIGHBOURS, 0, NEIGHBOUR_BYTES);
    free_some();
    malloc_trim(0);
  }
  if (count < 20)
    return 82;
  int last = count;
  count = BLOCKS;
  for (int i = 0; i < last; i++) {
    if (!pattern_holds(blocks[i], (uint64_t)i, size_of(i)))
      return 83;
    /* The block moves, and may come to lie behind free memory, with which it is then joined. */
    if (i % 4 == 0) {
      blocks[i] = realloc(blocks[i], MOVED_BYTES);
      free(malloc(MOVED_BYTES / 3));
    }
    free(blocks[i]);
  }
  malloc_trim(0);
  for (int i = 0; i < NEIGHBOURS; i++) {
    if (neighbours[i] && !pattern_holds(neighbours[i], (uint64_t)i, NEIGHBOUR_BYTES))
      return 84;
    free(neighbours[i]);
  }
  malloc_trim(0);
  return 0;
}

static volatile sig_atomic_t ticks;

static void allocate_at_tick(int signal)
{
  (void)signal;
  free(malloc(300000));
  ticks++;
}

/* Most of the time is spent inside realloc, much of that with a lock. */
static int grow_under_ticks(void *unused)
{
  (void)unused;
  enum { TICKS = 2000, FROM = 200000, TO = 4000000, STEP = 4096 };
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  struct timespec often = {0, 100 * 1000};
  signal(SIGUSR1, allocate_at_tick);
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) ||
      timer_settime(timer, 0, &(struct itimerspec){often, often}, NULL))
    return 71;
  while (ticks < TICKS) {
    unsigned char *block = NULL;
    for (size_t size = FROM; size < TO; size += STEP) {
      block = realloc(block, size);
      block[size - 1] = (unsigned char)(size / STEP);
      if (size > FROM && block[size - STEP - 1] != (unsigned char)((size - STEP) / STEP))
        return 83;
    }
    free(block);
  }
  return 0;
}

int main(void)
{
#ifdef __SANITIZE_THREAD__
  skip("ThreadSanitizer puts signals off");
  return done_testing();
#endif
  struct ending end = ended_as(free_them, NULL, 60);
  if (!ok(!end.signal && !end.code && !end.text[0],
          "what a handler got inside the allocator is freed like any block"))
    diag("signal %d, exit code %d, stderr: %.500s", end.signal, end.code, end.text);
  end = ended_as(grow_under_ticks, NULL, 60);
  if (!ok(!end.signal && !end.code && !end.text[0], "a handler allocates while a large block grows"))
    diag("signal %d, exit code %d, stderr: %.500s", end.signal, end.code, end.text);
  return done_testing();
}
