/* os.h: every system call that the allocator makes, and what it may rely on. Nothing here prints, allocates or
 * changes errno. Addresses and sizes are multiples of the page size unless a line says otherwise. */
#ifndef BRIM_OS_H
#define BRIM_OS_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a page; constant once brimi_os_init() has run. x86-64 has no others. */
#if defined(__x86_64__)
static const size_t brimi_page_bytes = 4096;
static inline void brimi_os_init(void) {}
#else
INTERNAL size_t brimi_page_bytes;
void brimi_os_init(void);
#endif

/* Fresh zeroed pages, readable and writable; NULL if refused. */
void *brimi_os_map(size_t bytes);
/* The same, aligned to a power of two above the page size. */
void *brimi_os_map_aligned(size_t bytes, size_t alignment);
/* False if the system refuses (at the map-count limit it may): the pages are then still mapped. */
bool brimi_os_unmap(void *start, size_t bytes);
/* Resizes a mapping, moving it if `may_move`; returns where it is now, or NULL and nothing changed. */
void *brimi_os_remap(void *start, size_t old_bytes, size_t new_bytes, bool may_move);
/* Gives the pages back; they read as zero afterwards. False if refused: their contents are then as before. */
bool brimi_os_purge(void *start, size_t bytes);
/* A purge was refused since this was set to false; relaxed. */
INTERNAL _Atomic bool brimi_os_purge_refused;
/* Sets whether pages of the range that become resident from now on may be huge ones. False if the system refuses. */
#define HUGE_BYTES ((size_t)1 << 21)
bool brimi_os_advise_huge(void *start, size_t bytes, bool huge);
/* Names the pages in /proc/PID/maps where the kernel can. */
void brimi_os_name(void *start, size_t bytes, const char *name);

/* The break, moved by the C library's sbrk, which knows where it stands; refused if another malloc may call sbrk at
 * the same time. The caller holds brimi_runs_lock. Grow: returns the old break, which becomes the start of `bytes`
 * new bytes (any alignment), or NULL if refused. */
void *brimi_os_break_grow(size_t bytes);
/* Lowers the break by `bytes` if it stands exactly at `top`; false if it does not or the system refuses. */
bool brimi_os_break_lower(void *top, size_t bytes);
/* Where the break stands; NULL if the system does not say. */
void *brimi_os_break(void);

/* Waits while *word == value, at most `nanoseconds` (0: for ever). May return early. */
void brimi_os_wait(const void *word, uint32_t value, uint64_t nanoseconds);
void brimi_os_wake(const void *word, int threads);
/* Nanoseconds of a clock that only goes forward. */
uint64_t brimi_os_now(void);
/* Has every thread of this process pass a memory fence before this returns. False if the system can't. */
bool brimi_os_fence_threads(void);

/* Writes all of the text to stderr, without stdio. */
void brimi_os_write(const char *text, size_t length);
/* Keeps a copy of stderr for what is written at the end: many programs close it before. The child of a fork closes
 * the copy, so that the file is not open for longer than the program has it. */
void brimi_os_keep_stderr(void);
void brimi_os_close_kept_stderr(void);
/* As brimi_os_write, to the kept file, by the copy or else by stderr; writes nothing if neither is that file any more. */
void brimi_os_write_kept(const char *text, size_t length);

/* The environment, also before libc has set `environ`; NULL if the program runs with raised privileges. */
char **brimi_os_environment(void);

/* The id and the name of this process. */
int brimi_os_process(void);
const char *brimi_os_program(void);

/* Called by a thread that inherits how another one is scheduled: from now on it does not run in real time, and may run on
 * every processor that the process's first thread may use. */
void brimi_os_schedule_as_any(void);

/* Processors that this process may run on; if the system does not say, more than it has threads. */
size_t brimi_os_processors(void);

/* Page faults of this process without input, so far; 0 if the system does not say. */
size_t brimi_os_faults(void);
/* What the kernel counts for this process, memory in bytes; 0 where it does not say. */
struct os_usage {
  size_t resident, resident_peak;
  size_t minor_faults, major_faults;
};
void brimi_os_usage(struct os_usage *usage);

/* Blocks exactly these signals in the calling thread, even those that libc keeps for itself; returns which were before. */
uint64_t brimi_os_block(uint64_t signals);

/* Starts a thread that libc does not know. It must call nothing but this file and code whose only thread-local
 * variable is `own`, of which it has one of its own, all zero. The system sets *word to 0 when the thread and its
 * stack are no longer in use. One such thread lives at a time. False if refused. */
bool brimi_os_thread(void (*run)(void), _Atomic uint32_t *word, const void *own, size_t own_bytes);
/* Whether this thread has capabilities, and the process others: libc changes those of all threads, but does not know
 * this one. */
bool brimi_os_rights_differ(void);

/* Calls made so far, for the statistics. Relaxed counters, no partner. */
enum os_call { OS_BRK, OS_MMAP, OS_MUNMAP, OS_MREMAP, OS_MADVISE, OS_CALLS };
uint64_t brimi_os_calls(enum os_call call);

#endif
