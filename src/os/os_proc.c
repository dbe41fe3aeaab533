/* os_proc.c: waiting, writing, the environment, what the kernel counts, and threads that libc does not know. */
#define _GNU_SOURCE
#include "base/bits.h"
#include "base/compiler.h"
#include "os/fault.h"
#include "os/os.h"
#include "os/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* From <linux/futex.h>, which is not everywhere. */
enum { FUTEX_WAIT_PRIVATE = 0 | 128, FUTEX_WAKE_PRIVATE = 1 | 128 };

void brimi_os_wait(const void *word, uint32_t value, uint64_t nanoseconds)
{
  struct timespec time = {(time_t)(nanoseconds / 1000000000), (long)(nanoseconds % 1000000000)};
  brimi_syscall(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, (long)value, nanoseconds ? (long)&time : 0, 0, 0);
}

void brimi_os_wake(const void *word, int threads)
{
  brimi_syscall3(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, threads);
}

uint64_t brimi_os_now(void)
{
  struct timespec now = {0, 0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* From <linux/membarrier.h>, which is not everywhere. A process has to register first, which takes long where it has
 * many threads: it does so when the first fence is due. */
enum { MEMBARRIER_PRIVATE_EXPEDITED = 1 << 3, MEMBARRIER_REGISTER_PRIVATE_EXPEDITED = 1 << 4 };

bool brimi_os_fence_threads(void)
{
  if (brimi_fault_strikes(FAULT_MEMBARRIER))
    return false;
  return brimi_syscall3(SYS_membarrier, MEMBARRIER_PRIVATE_EXPEDITED, 0, 0) == 0 ||
         (brimi_syscall3(SYS_membarrier, MEMBARRIER_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0 &&
          brimi_syscall3(SYS_membarrier, MEMBARRIER_PRIVATE_EXPEDITED, 0, 0) == 0);
}

/* Standard error as it was when brimi_os_keep_stderr was called: a copy, and which file it is. */
static int kept_file = -1;
static struct stat kept;

static bool is_kept(int file)
{
  struct stat now;
  return brimi_syscall3(SYS_fstat, file, (long)&now, 0) == 0 && now.st_ino == kept.st_ino &&
         now.st_dev == kept.st_dev;
}

void brimi_os_keep_stderr(void)
{
  kept_file = (int)brimi_syscall3(SYS_fcntl, STDERR_FILENO, F_DUPFD_CLOEXEC, 64);
  brimi_syscall3(SYS_fstat, STDERR_FILENO, (long)&kept, 0);
}

void brimi_os_close_kept_stderr(void)
{
  if (kept_file >= 0 && is_kept(kept_file))
    brimi_syscall3(SYS_close, kept_file, 0, 0);
  kept_file = -1;
}

/* A pipe that nobody reads any more would end the program by a signal. */
static bool is_read(int file)
{
  struct pollfd poll = {.fd = file};
  struct timespec none = {0, 0};
  return brimi_syscall(SYS_ppoll, (long)&poll, 1, (long)&none, 0, 0, 0) <= 0;
}

static void write_all(int file, const char *text, size_t length)
{
  while (length && is_read(file)) {
    long written = brimi_syscall3(SYS_write, file, (long)text, (long)length);
    if (written == -EINTR)
      continue;
    if (written <= 0)
      return;
    text += written;
    length -= (size_t)written;
  }
}

void brimi_os_write(const char *text, size_t length) { write_all(STDERR_FILENO, text, length); }

void brimi_os_write_kept(const char *text, size_t length)
{
  int file = is_kept(kept_file) ? kept_file : STDERR_FILENO;
  if (is_kept(file))
    write_all(file, text, length);
}

/* Only by these names: with their aliases, `environ` and program_invocation_short_name, the library would name both. */
extern char **__environ, *__progname;
/* From glibc's loader: points at argc, argv, NULL, envp. Absent in other libcs, where __environ is set early. */
extern void *__libc_stack_end __attribute__((weak));

char **brimi_os_environment(void)
{
  if (getauxval(AT_SECURE))
    return NULL;
  if (__environ || !&__libc_stack_end || !__libc_stack_end)
    return __environ;
  long *stack = __libc_stack_end;
  return (char **)(stack + 1 + stack[0] + 1);
}

int brimi_os_process(void) { return (int)brimi_syscall3(SYS_getpid, 0, 0, 0); }

const char *brimi_os_program(void) { return __progname; }

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
  brimi_syscall3(SYS_getrusage, RUSAGE_SELF, (long)&counts, 0);
  return counts;
}

size_t brimi_os_faults(void) { return (size_t)resources().ru_minflt; }

void brimi_os_usage(struct os_usage *usage)
{
  char text[4096] = "";
  memset(usage, 0, sizeof *usage);
  long file = brimi_syscall3(SYS_openat, AT_FDCWD, (long)"/proc/thread-self/status", O_RDONLY | O_CLOEXEC);
  if (!brimi_syscall_failed(file)) {
    long length = brimi_syscall3(SYS_read, file, (long)text, sizeof text - 1);
    text[length > 0 ? length : 0] = 0;
    brimi_syscall3(SYS_close, file, 0, 0);
  }
  usage->resident = kilobytes_after(text, "\nVmRSS:");
  usage->resident_peak = kilobytes_after(text, "\nVmHWM:");
  struct rusage counts = resources();
  usage->minor_faults = (size_t)counts.ru_minflt;
  usage->major_faults = (size_t)counts.ru_majflt;
}

uint64_t brimi_os_block(uint64_t signals)
{
  uint64_t before = 0;
  brimi_syscall(SYS_rt_sigprocmask, SIG_SETMASK, (long)&signals, (long)&before, sizeof before, 0, 0);
  return before;
}

/* The size of the new thread's stack, and of what its thread pointer points at, above it. The thread-local variable
 * lies below or above that, as far away as in any other thread. */
enum { THREAD_STACK = 16384, THREAD_POINTER_AREA = 4096 };

bool brimi_os_thread(void (*run)(void), _Atomic uint32_t *word, const void *own, size_t own_bytes)
{
  static char *memory;
  intptr_t at = (intptr_t)own - (intptr_t)__builtin_thread_pointer();
  size_t below = at < 0 ? align_up((size_t)-at, CACHE_LINE) : 0, above = at < 0 ? 0 : (size_t)at + own_bytes;
  if (!memory &&
      !(memory = brimi_os_map(align_up(THREAD_STACK + below + THREAD_POINTER_AREA + above, brimi_page_bytes))))
    return false;
  if (SANITIZES_THREADS || brimi_fault_strikes(FAULT_CLONE))
    return false;
  char **thread_pointer = (char **)(memory + THREAD_STACK + below + THREAD_POINTER_AREA / 2);
  *thread_pointer = (char *)thread_pointer; /* on x86-64, the thread pointer is read from where it points */
  int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
              CLONE_CHILD_CLEARTID;
  /* The new thread inherits the mask, with all signals blocked: they are the program's, not ours. */
  uint64_t signals = brimi_os_block(~UINT64_C(0));
  long thread = brimi_syscall_thread(flags, memory + THREAD_STACK, (void *)word, (void *)thread_pointer, run);
  brimi_os_block(signals);
  return thread > 0;
}

/* From <linux/capability.h>, which is not everywhere: effective, permitted and inheritable ones, 64 of each. */
enum { CAPABILITY_VERSION_3 = 0x20080522, CAPABILITY_WORDS = 6 };

bool brimi_os_rights_differ(void)
{
  uint32_t header[] = {CAPABILITY_VERSION_3, 0}; /* the thread that calls */
  uint32_t mine[CAPABILITY_WORDS] = {0}, process[CAPABILITY_WORDS] = {0};
  brimi_syscall3(SYS_capget, (long)header, (long)mine, 0);
  header[1] = (uint32_t)brimi_os_process();
  bool differ = false;
  if (mine[0] && brimi_syscall3(SYS_capget, (long)header, (long)process, 0) == 0)
    for (int i = 0; i < CAPABILITY_WORDS; i++)
      differ |= mine[i] != process[i];
  return differ;
}
