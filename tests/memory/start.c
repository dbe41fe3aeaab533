/* start.c: what Brim costs a program that does nothing: system calls, resident memory and address space of /bin/true, with
 * the library preloaded and without it. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include <sys/ptrace.h>

struct cost {
  long calls;
  size_t resident, mapped;
};

/* Runs /bin/true with `preload` (NULL: nothing) under ptrace, counts its system calls from exec on and reads its peaks
 * just before it ends. */
static struct cost start(char *preload)
{
  struct cost cost = {0, 0, 0};
  char setting[4200], path[64], *environment[] = {setting, NULL}, *arguments[] = {"true", NULL};
  snprintf(setting, sizeof setting, "LD_PRELOAD=%s", preload);
  pid_t pid = fork();
  if (!pid) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    execve("/bin/true", arguments, preload ? environment : environment + 1);
    _exit(127);
  }
  int status, stops = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
    return cost;
  ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  for (;;) {
    ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
    if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
      break;
    stops += WSTOPSIG(status) == (SIGTRAP | 0x80);
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8)) {
      cost.resident = proc_field(path, "VmHWM:");
      cost.mapped = proc_field(path, "VmPeak:");
    }
  }
  /* A call stops twice; exit stops only once. */
  cost.calls = (stops + 1) / 2;
  return cost;
}

static int compare(const void *a, const void *b)
{
  size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

/* The median of several runs. Where the kernel places the libraries decides which neighbouring pages it maps too, and makes a
 * difference of up to 100 KiB. */
static struct cost start_often(char *preload)
{
  enum { RUNS = 9 };
  size_t resident[RUNS];
  struct cost cost = {0, 0, 0};
  for (int i = 0; i < RUNS; i++) {
    cost = start(preload);
    resident[i] = cost.resident;
  }
  qsort(resident, RUNS, sizeof *resident, compare);
  cost.resident = resident[RUNS / 2];
  return cost;
}

int main(void)
{
  /* By its full path: for any other the loader makes calls to find it. */
  char *preloaded = getenv("LD_PRELOAD"), *library = preloaded ? realpath(preloaded, NULL) : NULL;
  if (!library) {
    skip("nothing is preloaded");
    return done_testing();
  }
  /* The first run brings the files into the page cache. */
  start(library);
  struct cost without = start_often(NULL), with = start_often(library);
  if (!without.calls || !with.calls || !without.resident) {
    skip("ptrace is refused here");
    return done_testing();
  }
  diag("system calls %ld, then %ld; resident %zu, then %zu KiB; mapped %zu, then %zu KiB", without.calls, with.calls,
       without.resident >> 10, with.resident >> 10, without.mapped >> 10, with.mapped >> 10);
  ok(with.calls <= without.calls + 10, "at most 10 more system calls: %ld", with.calls - without.calls);
  ok(with.resident <= without.resident + (300 << 10), "at most 300 KiB more resident");
  ok(with.mapped <= without.mapped + (8 << 20), "at most 8 MiB more address space");
  return done_testing();
}
