/* lock.h: a mutex of one word on a futex. It knows its holder, so that a signal handler that interrupts the allocator
 * can see that waiting would never end.
 *
 * RANKS: a thread that holds a lock takes only locks of a higher rank. From low to high: purge, registry, heap, large, runs,
 * meta. Two heap locks are never held together, except by fork, which takes all of them while it holds the registry's. */
#ifndef BRIM_LOCK_H
#define BRIM_LOCK_H

#include "base/atomic.h"
#include "base/compiler.h"

/* 0: free. Else the holder's token, with LOCK_WAITERS if somebody may sleep. */
struct lock {
  _Atomic uint32_t word;
};
enum { LOCK_WAITERS = 1, LOCK_TOKEN_PLAIN = 2 };

/* A number that differs between living threads: the address of a thread-local byte, whose low bits are the same in
 * all. LOCK_TOKEN_PLAIN is set in it; without that bit it is what the same thread locks with while it forks. */
uint32_t brimi_lock_token(void);
void brimi_lock(struct lock *lock);
void brimi_lock_as(struct lock *lock, uint32_t token);
void brimi_unlock(struct lock *lock);

/* acquire: pairs with the release in brimi_unlock. */
static inline bool brimi_try_lock_as(struct lock *lock, uint32_t token)
{
  uint32_t free = 0;
  return cas_acquire(&lock->word, &free, token);
}

/* relaxed: only the holder itself can find its own token here. */
static inline bool brimi_lock_held_by(struct lock *lock, uint32_t token)
{
  return (load_relaxed(&lock->word) & ~(uint32_t)LOCK_WAITERS) == token;
}

#endif
