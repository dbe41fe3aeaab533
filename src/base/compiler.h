/* compiler.h: attributes and names that depend on the compiler or the machine; the only place that asks which it is. */
#ifndef BRIM_COMPILER_H
#define BRIM_COMPILER_H

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define HOT         __attribute__((hot, aligned(16))) /* elsewhere there are no gaps for alignment (Makefile) */
/* A slow path: out of line, away from the hot text. */
#define COLD          __attribute__((cold, noinline))
#define NOINLINE      __attribute__((noinline))
#define ALWAYS_INLINE inline __attribute__((always_inline))
enum { CACHE_LINE = 64 };
#define CACHE_ALIGNED __attribute__((aligned(CACHE_LINE)))
#define PAGE_ALIGNED  __attribute__((aligned(4096))) /* large tables: the linker sorts them apart (Makefile) */
#define EXPORT        __attribute__((visibility("default")))
/* For data that several files share: -fvisibility=hidden covers definitions; a mere declaration means a detour by the GOT. */
#define INTERNAL                   extern __attribute__((visibility("hidden")))
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))

/* A pointer that is not NULL, though the compiler can't see it. */
#define KNOWN(pointer)                                                                                               \
  __extension__({                                                                                                    \
    __typeof__(pointer) known_ = (pointer);                                                                          \
    if (!known_)                                                                                                     \
      __builtin_unreachable();                                                                                       \
    known_;                                                                                                          \
  })
/* Hides what a pointer points to from the compiler: it then computes addresses nearby from this one, and not each
 * from the start. */
#define opaque(pointer) IN_REGISTER(pointer, "+r")
#define IN_REGISTER(value, which)                                                                                    \
  __extension__({                                                                                                    \
    __typeof__(value) in_ = (value);                                                                                 \
    __asm__("" : which(in_));                                                                                        \
    in_;                                                                                                             \
  })

/* A value that is returned, in the register for it: else gcc has two branches share the move to there, by a jump. */
#if defined(__x86_64__)
#define RETURNED(pointer) IN_REGISTER(pointer, "+a")
#else
#define RETURNED(pointer) (pointer)
#endif

/* An alias with the attributes of what it stands for. */
#if defined(__clang__)
#define ATTRIBUTES_OF(function)
#define ALIASES_MAY_DIFFER
#else
#define ATTRIBUTES_OF(function) __attribute__((copy(function)))
#define ALIASES_MAY_DIFFER      _Pragma("GCC diagnostic ignored \"-Wattribute-alias\"") /* in their arguments */
#endif

/* Whether ThreadSanitizer looks on: it must see mappings come and go, and knows no threads but libc's. */
#if defined(__SANITIZE_THREAD__)
#define SANITIZES_THREADS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SANITIZES_THREADS 1
#endif
#endif
#ifndef SANITIZES_THREADS
#define SANITIZES_THREADS 0
#endif

/* A function whose read may race with a write by design; a comment at its place says why that does no harm. */
#define UNCHECKED_RACE NOINLINE __attribute__((no_sanitize("thread")))

/* Tells the processor that this thread spins. */
#if defined(__x86_64__)
#define brimi_relax() __builtin_ia32_pause()
#else
#define brimi_relax() __asm__ volatile("yield")
#endif

/* By the initial-exec model (LIBFLAGS): a few bytes in all. */
#define THREAD_LOCAL _Thread_local

#endif
