/* lab.h: what the programs of the lab share: saying what was found, counting what it costs, and calls that end the program
 * if they are refused. What looks at the memory of the process is in maps.h.
 *
 * Nothing but malloc_or_exit() calls malloc: that would move the very things we look at. */
#ifndef LAB_H
#define LAB_H

#include "maps.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int lab_wrong; /* claims that did not hold */

/* First line of every program. stdio would take its buffer from malloc, and malloc would move the break. */
static inline void lab_begin(void)
{
  static char buffer[1 << 14];
  setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
}

/* A claim of the text beside the program. A claim that fails makes the program fail. */
static inline bool expect(bool holds, const char *claim)
{
  printf("  %s %s\n", holds ? "yes:" : "NO: ", claim);
  lab_wrong += !holds;
  return holds;
}
static inline int lab_end(void) { return lab_wrong ? EXIT_FAILURE : EXIT_SUCCESS; }

/* Page faults so far that needed no disk: each took one or more pages into our memory. */
static inline long page_faults(void)
{
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

static inline double nanoseconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Writes one byte into each page. Volatile: the compiler may not drop a store that nobody reads. */
static inline void touch(void *memory, size_t bytes)
{
  for (size_t i = 0; i < bytes; i += page_size())
    ((volatile char *)memory)[i] = 1;
}

/* ---- Calls whose refusal is the end ---- */

/* Says which call was refused and why (errno), and ends the program. */
static inline _Noreturn void give_up(const char *call)
{
  perror(call);
  exit(EXIT_FAILURE);
}

/* sbrk and mmap both answer a refusal with (void *)-1, which mmap calls MAP_FAILED. A test against NULL would miss it. */
static inline char *sbrk_or_exit(intptr_t bytes)
{
  char *old = sbrk(bytes);
  if (old == (void *)-1)
    give_up("sbrk");
  return old;
}
static inline char *mmap_or_exit(size_t bytes, int protection)
{
  char *start = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED)
    give_up("mmap");
  return start;
}
/* malloc does answer with NULL. */
static inline char *malloc_or_exit(size_t bytes)
{
  char *block = malloc(bytes);
  if (!block)
    give_up("malloc");
  return block;
}
/* These answer with 0, or -1. */
static inline void munmap_or_exit(void *start, size_t bytes)
{
  if (munmap(start, bytes) != 0)
    give_up("munmap");
}
static inline void mprotect_or_exit(void *start, size_t bytes, int protection)
{
  if (mprotect(start, bytes, protection) != 0)
    give_up("mprotect");
}

/* Whether this process may move its break. musl never lets it; a limit (ulimit -d) or a sandbox may not. */
static inline bool break_moves(void)
{
  void *old = sbrk((intptr_t)page_size());
  if (old != (void *)-1) {
    sbrk_or_exit(-(intptr_t)page_size());
    return true;
  }
  perror("sbrk");
  printf("This C library, or this system, refuses to move the break.\n"
         "musl always does: its malloc uses the break itself and does not share it.\n"
         "sbrk(0), which only reads the break, works: it is at %p. Run this step under glibc.\n",
         sbrk(0));
  return false;
}

#endif
