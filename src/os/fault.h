/* fault.h: makes calls of the system fail, for tests. In a build without BRIM_FAULT_INJECTION every question is a
 * constant `false` and costs nothing.
 *
 * BRIM_FAULT=CALL:N[,CALL:N...] fails every N-th call of brk, mmap, munmap, mremap, madvise, clone or membarrier; CALL:N+ fails all
 * from the N-th on. */
#ifndef BRIM_FAULT_H
#define BRIM_FAULT_H

#include <stdbool.h>

enum fault_call {
  FAULT_BRK,
  FAULT_MMAP,
  FAULT_MUNMAP,
  FAULT_MREMAP,
  FAULT_MADVISE,
  FAULT_CLONE,
  FAULT_MEMBARRIER,
  FAULT_CALLS
};

#if defined(BRIM_FAULT_INJECTION) && BRIM_FAULT_INJECTION
void brimi_fault_configure(const char *text);
bool brimi_fault_strikes(enum fault_call call);
#else
static inline void brimi_fault_configure(const char *text) { (void)text; }
static inline bool brimi_fault_strikes(enum fault_call call) { return (void)call, false; }
#endif

#endif
