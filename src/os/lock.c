#include "os/lock.h"
#include "os/os.h"

static THREAD_LOCAL char token_word;

uint32_t brimi_lock_token(void) { return ((uint32_t)((uintptr_t)&token_word >> 4) & ~3u) | LOCK_TOKEN_PLAIN; }

void brimi_lock(struct lock *lock) { brimi_lock_as(lock, brimi_lock_token()); }

enum { SPINS = 100 };

void brimi_lock_slow(struct lock *lock, uint32_t token)
{
  for (int i = 0; i < SPINS; i++) {
    uint32_t free = 0;
    if (load_relaxed(&lock->word) == 0 && cas_acquire(&lock->word, &free, token))
      return;
    brimi_relax();
  }
  /* From here on we hold it with LOCK_WAITERS set, since others may sleep: the next unlock wakes one of them. */
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

void brimi_unlock_slow(struct lock *lock) { brimi_os_wake(&lock->word, 1); }
