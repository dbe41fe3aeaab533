#include "os/lock.h"
#include "os/os.h"

static THREAD_LOCAL char token_word;

uint32_t brimi_lock_token(void) { return ((uint32_t)((uintptr_t)&token_word >> 4) & ~3u) | LOCK_TOKEN_PLAIN; }

enum { SPINS = 100 };

static NOINLINE void wait_for(struct lock *lock, uint32_t token)
{
  for (int i = 0; i < SPINS; i++) {
    if (load_relaxed(&lock->word) == 0 && brimi_try_lock_as(lock, token))
      return;
    brimi_relax();
  }
  /* From here on the lock is taken with LOCK_WAITERS set, since others may sleep: the next unlock wakes one of them. */
  for (;;) {
    uint32_t seen = load_relaxed(&lock->word);
    if (seen == 0) {
      if (cas_acquire(&lock->word, &seen, token | LOCK_WAITERS))
        return;
      continue;
    }
    uint32_t marked = seen | LOCK_WAITERS;
    if (seen == marked || cas_acquire(&lock->word, &seen, marked))
      brimi_os_wait(&lock->word, marked, 0);
  }
}

void brimi_lock_as(struct lock *lock, uint32_t token)
{
  if (unlikely(!brimi_try_lock_as(lock, token)))
    wait_for(lock, token);
}

void brimi_lock(struct lock *lock) { brimi_lock_as(lock, brimi_lock_token()); }

void brimi_unlock(struct lock *lock)
{
  if (exchange_release(&lock->word, 0) & LOCK_WAITERS)
    brimi_os_wake(&lock->word, 1);
}
