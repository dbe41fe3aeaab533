/* os_mem.c: mappings, the break, and the counters of both. */
#define _GNU_SOURCE
#include "os/os.h"
#include "base/atomic.h"
#include "base/bits.h"
#include "base/compiler.h"
#include "os/fault.h"
#include "os/syscall.h"

#include <brim/brim.h>
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static _Atomic uint64_t calls[OS_CALLS];
uint64_t brimi_os_calls(enum os_call call) { return load_relaxed(&calls[call]); }

static bool count_call(enum os_call call, enum fault_call fault)
{
  add_relaxed(&calls[call], 1);
  return !brimi_fault_strikes(fault);
}

#if !defined(__x86_64__)
size_t brimi_page_bytes = 4096;
void brimi_os_init(void) { brimi_page_bytes = max_size(getauxval(AT_PAGESZ), 4096); }
#endif

#if SANITIZES_THREADS
/* By libc, whose calls ThreadSanitizer intercepts: else it would take an address that the kernel hands out again for
 * a race. It does not know mremap: to grow, pages are mapped behind, or all is copied to where there is room. */
static long map_at(void *start, size_t bytes, int flags)
{
  int saved = errno;
  void *result = mmap(start, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  errno = saved;
  return (long)result;
}
static long map_pages(size_t bytes) { return map_at(NULL, bytes, 0); }
static long unmap_pages(void *start, size_t bytes)
{
  int saved = errno, result = munmap(start, bytes);
  errno = saved;
  return result;
}
static bool grow_pages(char *start, size_t old_bytes, size_t new_bytes)
{
  char *end = start + old_bytes;
  long more = map_at(end, new_bytes - old_bytes, MAP_FIXED_NOREPLACE);
  if (!brimi_syscall_failed(more) && (char *)more != end)
    unmap_pages((void *)more, new_bytes - old_bytes);
  return (char *)more == end;
}
static long move_pages(void *start, size_t old_bytes, size_t new_bytes, int flags)
{
  if (new_bytes < old_bytes && unmap_pages((char *)start + new_bytes, old_bytes - new_bytes))
    return -ENOMEM;
  if (new_bytes <= old_bytes || grow_pages(start, old_bytes, new_bytes))
    return (long)start;
  long copy = flags & MREMAP_MAYMOVE ? map_pages(new_bytes) : -ENOMEM;
  if (!brimi_syscall_failed(copy)) {
    memcpy((void *)copy, start, old_bytes);
    unmap_pages(start, old_bytes);
  }
  return copy;
}
#else
static long map_pages(size_t bytes)
{
  return brimi_syscall(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static long unmap_pages(void *start, size_t bytes) { return brimi_syscall3(SYS_munmap, (long)start, (long)bytes, 0); }
static long move_pages(void *start, size_t old_bytes, size_t new_bytes, int flags)
{
  return brimi_syscall(SYS_mremap, (long)start, (long)old_bytes, (long)new_bytes, flags, 0, 0);
}
#endif

void *brimi_os_map(size_t bytes)
{
  if (!count_call(OS_MMAP, FAULT_MMAP))
    return NULL;
  long result = map_pages(bytes);
  return brimi_syscall_failed(result) ? NULL : (void *)result;
}

void *brimi_os_map_aligned(size_t bytes, size_t alignment)
{
  char *start = brimi_os_map(bytes);
  if (!start || is_aligned((uintptr_t)start, alignment))
    return start;
  brimi_os_unmap(start, bytes);
  size_t wide;
  if (__builtin_add_overflow(bytes, alignment, &wide) || !(start = brimi_os_map(wide)))
    return NULL;
  char *aligned = (char *)align_up((uintptr_t)start, alignment);
  size_t head = (size_t)(aligned - start);
  /* A refused trim leaves address space mapped that nobody touches: no memory is lost. */
  if (head)
    brimi_os_unmap(start, head);
  if (wide - head > bytes)
    brimi_os_unmap(aligned + bytes, wide - head - bytes);
  return aligned;
}

bool brimi_os_unmap(void *start, size_t bytes)
{
  return count_call(OS_MUNMAP, FAULT_MUNMAP) && unmap_pages(start, bytes) == 0;
}

void *brimi_os_remap(void *start, size_t old_bytes, size_t new_bytes, bool may_move)
{
  if (!count_call(OS_MREMAP, FAULT_MREMAP))
    return NULL;
  long result = move_pages(start, old_bytes, new_bytes, may_move ? MREMAP_MAYMOVE : 0);
  return brimi_syscall_failed(result) ? NULL : (void *)result;
}

_Atomic bool brimi_os_purge_refused;

bool brimi_os_purge(void *start, size_t bytes)
{
  bool purged = count_call(OS_MADVISE, FAULT_MADVISE) &&
                brimi_syscall3(SYS_madvise, (long)start, (long)bytes, MADV_DONTNEED) == 0;
  if (!purged)
    store_relaxed(&brimi_os_purge_refused, true);
  return purged;
}

/* Only where a huge page is 2 MiB. */
bool brimi_os_advise_huge(void *start, size_t bytes, bool huge)
{
  return brimi_page_bytes == 4096 && count_call(OS_MADVISE, FAULT_MADVISE) &&
         brimi_syscall3(SYS_madvise, (long)start, (long)bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) == 0;
}

#ifndef PR_SET_VMA
#define PR_SET_VMA           0x53564d41
#define PR_SET_VMA_ANON_NAME 0
#endif

void brimi_os_name(void *start, size_t bytes, const char *name)
{
  brimi_syscall(SYS_prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, (long)start, (long)bytes, (long)name, 0);
}

/* Present under glibc 2.32 and later. */
extern char __libc_single_threaded __attribute__((weak));
extern __typeof__(brim_mallopt) mallopt __attribute__((weak));

/* sbrk is not for two threads at once: both may be given the same bytes. If another malloc serves the process, any thread
 * may be in its sbrk. mallopt tells: it is Brim's where Brim stands in malloc's place; wrappers of malloc leave it alone. */
static bool others_may_move_it(void)
{
  return mallopt != brim_mallopt && !(&__libc_single_threaded && __libc_single_threaded);
}

/* glibc takes whatever the kernel answers for the new break, even the error of a sandbox: sbrk then seems to succeed,
 * and says that the break stands at an error number. */
static void *move_break(intptr_t bytes)
{
  if (others_may_move_it())
    return NULL;
  int saved = errno;
  void *old = sbrk(bytes);
  bool refused = brimi_syscall_failed((long)old) || brimi_syscall_failed((long)sbrk(0));
  errno = saved;
  return refused ? NULL : old;
}

void *brimi_os_break_grow(size_t bytes)
{
  if (bytes > PTRDIFF_MAX || !count_call(OS_BRK, FAULT_BRK))
    return NULL;
  return move_break((intptr_t)bytes);
}

void *brimi_os_break(void) { return move_break(0); }

bool brimi_os_break_lower(void *top, size_t bytes)
{
  return move_break(0) == top && count_call(OS_BRK, FAULT_BRK) && move_break(-(intptr_t)bytes) == top;
}
