/* syscall.h: a system call without the C library, so that it works before libc is ready and on a thread that libc does not
 * know, and leaves errno alone. Returns the kernel's value: -errno on failure. With up to three arguments it is shorter.
 *
 * brimi_syscall_thread is `clone` with a stack, whose end it is told: there the new thread calls `run`, and ends.
 * libc's would do, but musl's refuses to make threads. */
#ifndef BRIM_SYSCALL_H
#define BRIM_SYSCALL_H

#include <stdbool.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
static inline long brimi_syscall3(long number, long a, long b, long c)
{
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}
static inline long brimi_syscall(long number, long a, long b, long c, long d, long e, long f)
{
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
static inline long brimi_syscall_thread(long flags, void *stack, void *word, void *thread_pointer, void (*run)(void))
{
  long result;
  register void *r10 __asm__("r10") = word;
  register void *r8 __asm__("r8") = thread_pointer;
  register void (*r9)(void) __asm__("r9") = run;
  __asm__ volatile("syscall\n\t"
                   "test %%rax, %%rax\n\t"
                   "jnz 1f\n\t"
                   "xor %%ebp, %%ebp\n\t" /* the first frame */
                   "call *%%r9\n\t"
                   "xor %%edi, %%edi\n\t"
                   "mov %[exit], %%eax\n\t"
                   "syscall\n"
                   "1:"
                   : "=a"(result)
                   : "a"(SYS_clone), "D"(flags), "S"(stack), "d"(0L), "r"(r10), "r"(r8), "r"(r9), [exit] "i"(SYS_exit)
                   : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
static inline long brimi_syscall(long number, long a, long b, long c, long d, long e, long f)
{
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
static inline long brimi_syscall3(long number, long a, long b, long c)
{
  return brimi_syscall(number, a, b, c, 0, 0, 0);
}
static inline long brimi_syscall_thread(long flags, void *stack, void *word, void *thread_pointer, void (*run)(void))
{
  register long x8 __asm__("x8") = SYS_clone;
  register long x0 __asm__("x0") = flags;
  register void *x1 __asm__("x1") = stack;
  register long x2 __asm__("x2") = 0;
  register void *x3 __asm__("x3") = thread_pointer;
  register void *x4 __asm__("x4") = word;
  __asm__ volatile("svc 0\n\t"
                   "cbnz x0, 1f\n\t"
                   "mov x29, xzr\n\t" /* the first frame */
                   "blr %[run]\n\t"
                   "mov x0, xzr\n\t"
                   "mov x8, %[exit]\n\t"
                   "svc 0\n"
                   "1:"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), [run] "r"(run), [exit] "i"(SYS_exit)
                   : "memory");
  return x0;
}
#else
#error "Brim knows x86-64 and aarch64; add the calling convention of this machine here"
#endif

static inline bool brimi_syscall_failed(long result) { return (unsigned long)result > -4096UL; }

#endif
