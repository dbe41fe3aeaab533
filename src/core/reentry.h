/* reentry.h: a signal handler may call the allocator while its own thread is inside one of the slow paths, and holds
 * locks that nobody would open meanwhile. Each slow path is therefore entered and left; a call that finds its thread
 * inside already is served by brimi_large_alloc_apart. */
#ifndef BRIM_REENTRY_H
#define BRIM_REENTRY_H

#include "base/compiler.h"
#include <stdbool.h>

INTERNAL THREAD_LOCAL bool brimi_is_inside; /* of this thread only; a handler leaves it as it found it */

/* Beside it, to keep thread-local storage small: whether the thread has ended, as far as we can know. It then gets no
 * heap any more, since the destructor that would give it back may never run. */
INTERNAL THREAD_LOCAL bool brimi_past_end;

/* False if this thread is inside already. */
static inline bool brimi_enter(void)
{
  if (unlikely(brimi_is_inside))
    return false;
  brimi_is_inside = true;
  __asm__ volatile("" ::: "memory"); /* against a handler on this same thread, the compiler's order is enough */
  return true;
}

static inline void brimi_leave(void)
{
  __asm__ volatile("" ::: "memory");
  brimi_is_inside = false;
}

#endif
