/* count_calls.c: the filter. Its call numbers are those of the native architecture. A program of another one (32-bit on a
 * 64-bit kernel) would be counted wrongly, and is let through uncounted. A process that nobody traces inherits the filter, and
 * each call that is counted fails there; so none may be started. (LeakSanitizer starts one, which would end at once, and waits
 * for it forever; if it can't start one, it does without.) */
#define _GNU_SOURCE
#include "count_calls.h"
#include "measure.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define NATIVE_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NATIVE_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define NATIVE_ARCH AUDIT_ARCH_S390X
#else
#define NATIVE_ARCH 0
#endif

/* With this argument the call fails, and changes nothing, whoever makes it. */
enum { MARK_CALL = SYS_getpriority, MARK_ARGUMENT = 0x6272696d };

void run_next_stage(void) { syscall(MARK_CALL, MARK_ARGUMENT, 0); }

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* The low 32 bits of the first argument: where they lie depends on the byte order. Of clone they are the flags. */
#define LOAD_ARGUMENT    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]) + LOW)
#define RETURN(value)    BPF_STMT(BPF_RET | BPF_K, value)
#define TRACE(call, tag) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), RETURN(SECCOMP_RET_TRACE | (tag))

bool count_calls_install(void)
{
  enum { LOW = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4 };
  struct sock_filter filter[] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0),
      RETURN(SECCOMP_RET_ALLOW),
      LOAD(nr),
      TRACE(SYS_brk, METRIC_BRK),
      TRACE(SYS_mmap, METRIC_MMAP),
      TRACE(SYS_munmap, METRIC_MUNMAP),
      TRACE(SYS_mremap, METRIC_MREMAP),
      TRACE(SYS_madvise, METRIC_MADVISE),
      TRACE(SYS_mprotect, METRIC_MPROTECT),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
      LOAD_ARGUMENT,
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_UNTRACED, 0, 1),
      RETURN(SECCOMP_RET_ERRNO | EPERM),
      RETURN(SECCOMP_RET_ALLOW),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MARK_CALL, 1, 0),
      RETURN(SECCOMP_RET_ALLOW),
      LOAD_ARGUMENT,
      TRACE(MARK_ARGUMENT, CALL_STAGE_MARK),
      RETURN(SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
  /* A filter needs a process that can't gain privileges by exec. */
  return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
