/* helper.c: the thread that gives memory back comes when there is much and ends when there is nothing more. What is freed while
 * it is about to end goes back, too: this is tried in rounds whose pauses are about as long as such a thread lives. */
#define _GNU_SOURCE
#include "tap.h"
#include "freed.h"
#include "proc.h"

#include <errno.h>
#include <sched.h>
#include <sys/stat.h>

enum { BLOCKS = 1000, BYTES = 8192, REST = 2 << 20, PATIENCE_MS = 3000 };

/* As musl's from 1.2.4 on, which makes no threads: the helper must not be made by it. */
int clone(int (*run)(void *), void *stack, int flags, void *argument, ...)
{
  (void)run, (void)stack, (void)flags, (void)argument;
  errno = EINVAL;
  return -1;
}

static bool have_helper(void)
{
  struct stat tasks;
  return stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink == 2 + 2; /* two threads, `.` and `..` */
}

static bool goes_back(size_t base)
{
  for (int waited = 0; waited < PATIENCE_MS; waited++) {
    if (anonymous_bytes() < base + REST)
      return true;
    sleep_ms(1);
  }
  return false;
}

int main(void)
{
  start_with("BRIM_PURGE_DELAY", "2");
  int rounds = long_run() ? 10000 : 500, stayed = 0, helped = 0;
  free(malloc(1));
  size_t base = anonymous_bytes();
  for (int i = 0; i < rounds; i++) {
    use_and_free(BLOCKS, BYTES);
    helped += have_helper();
    stayed += !goes_back(base);
    struct timespec pause = {0, 4000000 + (long)(i % 100) * 80000};
    nanosleep(&pause, NULL);
  }
  ok(stayed == 0, "freed memory goes back each time, after a pause of any length: %d of %d times not", stayed,
     rounds);
  ok(helped > rounds / 10, "by a thread beside the program's, which need not be to be had by libc: seen %d times",
     helped);
  return done_testing();
}
