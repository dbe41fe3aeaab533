/* purge.h: free memory goes back to the system.
 *
 * Three things are given back once they have been free for at least half of BRIM_PURGE_DELAY, and at most all of it: free
 * runs (runs.c), free pages inside slabs that still hold survivors, and cached mappings (large.c). What lies in mailboxes
 * is delivered first. A helper thread does it: it is started when there is much to give back, needs nothing from libc,
 * and ends when there is nothing left. Where it can't be started, or is switched off, the thread that frees does it. */
#ifndef BRIM_PURGE_H
#define BRIM_PURGE_H

#include "base/atomic.h"
#include "core/runs.h"
#include "os/lock.h"
#include <stddef.h>
#include <stdint.h>

/* Held by whoever gives memory back, across system calls; of the lowest rank. */
INTERNAL struct lock brimi_purge_lock;

/* Bytes: below this, free memory stays; a thread for it would cost more than it brings. */
enum { PURGE_MUCH = 4 << 20 };

/* Sees to it that free memory goes back in time. Caller holds no lock of a higher rank than the registry's. */
void brimi_purge_see_to(void);
/* Called when `bytes` of one kind of memory have become free, while no lock is held that a pass waits for. Cheap. */
static inline void brimi_purge_poll(size_t bytes)
{
  if (unlikely(bytes >= PURGE_MUCH || brimi_runs_dirty_bytes() >= PURGE_MUCH))
    brimi_purge_see_to();
}
/* The current tick; each lasts half of BRIM_PURGE_DELAY while the helper runs. Written under brimi_purge_lock; relaxed. */
INTERNAL _Atomic uint32_t brimi_purge_tick;
/* Gives back so many bytes of free runs now, if nobody gives back anything: a fresh mapping takes their place. */
void brimi_purge_runs(size_t bytes);
/* Gives back everything that is free, of all threads, at once; `pad` bytes stay at the top of the break heap. Returns
 * bytes. */
size_t brimi_purge_all(size_t pad);
/* For the child of a fork, which has no helper. */
void brimi_purge_after_fork(void);

#endif
