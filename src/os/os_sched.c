/* os_sched.c: where and how a thread runs. */
#define _GNU_SOURCE
#include "base/bits.h"
#include "os/os.h"
#include "os/syscall.h"

#include <sched.h>

enum { WORDS = 8192 / 64 };

/* The processors that a thread (0: the calling one) may run on; returns how many, 0 where the system does not say. */
static size_t read_processors(int thread, uint64_t mask[WORDS])
{
  size_t count = 0;
  long bytes = brimi_syscall3(SYS_sched_getaffinity, thread, WORDS * sizeof *mask, (long)mask);
  for (; bytes > 0; bytes -= (long)sizeof *mask)
    count += set_bits(*mask++);
  return count;
}

size_t brimi_os_processors(void)
{
  enum { UNKNOWN = 1 << 20 };
  uint64_t mask[WORDS];
  size_t count = read_processors(0, mask);
  return count ? count : UNKNOWN;
}

/* Changes only what differs: in a sandbox a change may end the process. Of the mask, the system reads as much as it wrote. */
void brimi_os_schedule_as_any(void)
{
  static const struct sched_param none;
  uint64_t mask[WORDS];
  long policy = brimi_syscall3(SYS_sched_getscheduler, 0, 0, 0);
  if (policy == SCHED_FIFO || policy == SCHED_RR)
    brimi_syscall3(SYS_sched_setscheduler, 0, SCHED_OTHER, (long)&none);
  size_t mine = read_processors(0, mask);
  if (read_processors(brimi_os_process(), mask) > mine)
    brimi_syscall3(SYS_sched_setaffinity, 0, sizeof mask, (long)mask);
}
