/* os_proc.c: waiting, writing, the environment, what the kernel counts, and threads that libc does not know. */
#define _GNU_SOURCE
#include "base/bits.h"
#include "base/compiler.h"
#include "os/fault.h"
#include "os/os.h"
#include "os/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Of <linux/futex.h>, which is not everywhere. */
enum { FUTEX_WAIT_PRIVATE = 0 | 128, FUTEX_WAKE_PRIVATE = 1 | 128 };

void brimi_os_wait(const void *word, uint32_t value, uint64_t nanoseconds)
{
  struct timespec time = {(time_t)(nanoseconds / 1000000000), (long)(nanoseconds % 1000000000)};
  brimi_syscall(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, (long)value, nanoseconds ? (long)&time : 0, 0, 0);
}

void brimi_os_wake(const void *word, int threads)
{
  brimi_syscall(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, threads, 0, 0, 0);
}

uint64_t brimi_os_now(void)
{
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int report_file = 2; /* written once, by brimi_os_keep_stderr */

void brimi_os_keep_stderr(void)
{
  long copy = brimi_syscall(SYS_fcntl, 2, F_DUPFD_CLOEXEC, 64, 0, 0, 0);
  if (!brimi_syscall_failed(copy))
    report_file = (int)copy;
}

void brimi_os_write(const char *text, size_t length)
{
  while (length) {
    long written = brimi_syscall(SYS_write, report_file, (long)text, (long)length, 0, 0, 0);
    if (written == -EINTR)
      continue;
    if (written <= 0)
      return;
    text += written;
    length -= (size_t)written;
  }
}

/* Of glibc's loader: points at argc, argv, NULL, envp. Absent under other libcs, where `environ` is set early. */
extern void *__libc_stack_end __attribute__((weak));

char **brimi_os_environment(void)
{
  if (getauxval(AT_SECURE))
    return NULL;
  if (environ || !&__libc_stack_end || !__libc_stack_end)
    return environ;
  long *stack = __libc_stack_end;
  return (char **)(stack + 1 + stack[0] + 1);
}

int brimi_os_process(void) { return (int)brimi_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0); }

const char *brimi_os_program(void) { return program_invocation_short_name; }

size_t brimi_os_processors(void)
{
  enum { MOST = 8192, UNKNOWN = 1 << 20 };
  uint64_t mask[MOST / 64] = {0};
  brimi_syscall(SYS_sched_getaffinity, 0, sizeof mask, (long)mask, 0, 0, 0);
  size_t processors = 0;
  for (size_t i = 0; i < COUNT_OF(mask); i++)
    processors += set_bits(mask[i]);
  return processors ? processors : UNKNOWN;
}

/* The number behind `key` in a file of "Key:   number kB" lines, in bytes. */
static size_t kilobytes_after(const char *text, const char *key)
{
  const char *at = strstr(text, key);
  size_t number = 0;
  for (at = at ? at + strlen(key) : ""; *at == ' ' || *at == '\t'; at++)
    ;
  for (; *at >= '0' && *at <= '9'; at++)
    number = number * 10 + (size_t)(*at - '0');
  return number * 1024;
}

/* All 0 where the system does not say. */
static struct rusage resources(void)
{
  struct rusage counts = {.ru_minflt = 0};
  brimi_syscall(SYS_getrusage, RUSAGE_SELF, (long)&counts, 0, 0, 0, 0);
  return counts;
}

size_t brimi_os_faults(void) { return (size_t)resources().ru_minflt; }

void brimi_os_usage(struct os_usage *usage)
{
  char text[4096] = "";
  memset(usage, 0, sizeof *usage);
  long file = brimi_syscall(SYS_openat, AT_FDCWD, (long)"/proc/self/status", O_RDONLY | O_CLOEXEC, 0, 0, 0);
  if (!brimi_syscall_failed(file)) {
    long length = brimi_syscall(SYS_read, file, (long)text, sizeof text - 1, 0, 0, 0);
    text[length > 0 ? length : 0] = 0;
    brimi_syscall(SYS_close, file, 0, 0, 0, 0, 0);
  }
  usage->resident = kilobytes_after(text, "VmRSS:");
  usage->resident_peak = kilobytes_after(text, "VmHWM:");
  struct rusage counts = resources();
  usage->minor_faults = (size_t)counts.ru_minflt;
  usage->major_faults = (size_t)counts.ru_majflt;
}

/* The new thread's stack; above it a page that its thread pointer points at, so that nothing of another thread's TLS is
 * read by accident. One such thread lives at a time (purge.c). */
enum { THREAD_STACK = 16384, THREAD_POINTER_AREA = 4096 };

bool brimi_os_thread(int (*run)(void *), void *argument)
{
  static char *memory;
  if (!memory && !(memory = brimi_os_map(align_up(THREAD_STACK + THREAD_POINTER_AREA, brimi_page_bytes))))
    return false;
  if (SANITIZES_THREADS || brimi_fault_strikes(FAULT_CLONE))
    return false;
  char **thread_pointer = (char **)(memory + THREAD_STACK + THREAD_POINTER_AREA / 2);
  *thread_pointer = (char *)thread_pointer; /* x86-64 reads its own address there */
  int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS;
  /* All signals are blocked in the new thread, which inherits the mask: they are the program's, not ours. */
  uint64_t all = ~UINT64_C(0), saved;
  brimi_syscall(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&saved, sizeof all, 0, 0);
  int saved_errno = errno;
  int thread = clone(run, memory + THREAD_STACK, flags, argument, NULL, thread_pointer, NULL);
  errno = saved_errno;
  brimi_syscall(SYS_rt_sigprocmask, SIG_SETMASK, (long)&saved, 0, sizeof saved, 0, 0);
  return thread > 0;
}
