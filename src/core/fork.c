/* fork.c: before a fork, the forking thread takes every lock, in the order of ranks, so that nothing is half done in
 * the child; the child gives the heaps of the threads that are no more to whoever comes next.
 *
 * A signal handler may fork while its own thread is inside the allocator. A lock that this thread holds already stays
 * with it: what it protects is finished when the handler returns, in parent and child alike. Another thread may then wait
 * for that lock while it holds its heap's; waiting for its heap would never end, so it is given up after a while. Another
 * thread that forks, and is not inside the allocator, opens all that it has taken and lets this one fork first. */
#include "core/fork.h"
#include "base/bits.h"
#include "core/heap.h"
#include "core/pool.h"
#include "core/meta.h"
#include "core/purge.h"
#include "core/reentry.h"
#include "core/runs.h"
#include "os/os.h"

#include <pthread.h>

enum {
  NAP_NS = 100000,
  PATIENCE = 500 /* naps before a lock that may never come free is given up: 50 ms */
};
static const uint32_t nap;

/* All locks but those of heaps, in the order of ranks; the heaps' come after the registry's. */
static struct lock *const locks[] = {&brimi_purge_lock, &brimi_registry_lock, &brimi_large_lock, &brimi_runs_lock,
                                     &brimi_meta_lock};
enum { BEFORE_HEAPS = 2, LOCKS = COUNT_OF(locks) };

/* A lock that prepare took holds this token instead of the thread's own, which tells it from what the thread held when it
 * came to fork. */
static uint32_t fork_token(void) { return brimi_lock_token() & ~(uint32_t)LOCK_TOKEN_PLAIN; }

static bool is_inside(uint32_t token)
{
  for (unsigned i = 0; i < LOCKS; i++)
    if (brimi_lock_held_by(locks[i], token))
      return true;
  for (struct heap *heap = brimi_heap_first(); heap; heap = brimi_heap_next(heap))
    if (brimi_lock_held_by(&heap->lock, token))
      return true;
  return false;
}

/* Forks of threads that are inside the allocator. Relaxed: those who wait look again. */
static _Atomic unsigned forks_inside;

/* Takes it or, if the thread is inside, gives it up after a while. False if another thread has to fork first. */
static bool take(struct lock *lock, bool inside)
{
  for (int i = 0;; i++) {
    uint32_t seen = 0;
    if (brimi_lock_held_by(lock, brimi_lock_token()) || cas_acquire(&lock->word, &seen, fork_token()))
      return true;
    if (inside ? i == PATIENCE : load_relaxed(&forks_inside))
      return inside;
    cas_acquire(&lock->word, &seen, seen | LOCK_WAITERS); /* so that a pass of purge.c ends early */
    brimi_os_wait(&nap, 0, NAP_NS);
  }
}

/* In no order: no other thread waits for a heap while it holds one. Where threads are many more than processors, some
 * are interrupted while they hold theirs. So all heaps that are free are taken at once, again and again: their
 * threads come to rest and leave the processors to the others. Returns as take. */
static bool take_heaps(bool inside)
{
  for (struct heap *next = brimi_heap_first(); next;) {
    for (struct heap *heap = next; heap; heap = brimi_heap_next(heap))
      brimi_try_lock_as(&heap->lock, fork_token());
    while (next && brimi_lock_held_by(&next->lock, fork_token()))
      next = brimi_heap_next(next);
    if (next && inside) {
      take(&next->lock, inside);
      next = brimi_heap_next(next);
    } else if (next) {
      if (load_relaxed(&forks_inside))
        return false;
      brimi_os_wait(&nap, 0, NAP_NS);
    }
  }
  return true;
}

static bool take_all(bool inside)
{
  for (unsigned i = 0; i < LOCKS; i++)
    if ((i == BEFORE_HEAPS && !take_heaps(inside)) || !take(locks[i], inside))
      return false;
  return true;
}

/* Opens a lock that take took; in the child also one that it gave up. The thread that held that one is gone: it was
 * waiting for a lock of ours, at a point where what its own lock protects was whole. */
static void release(struct lock *lock, bool child)
{
  if (brimi_lock_held_by(lock, fork_token()))
    brimi_unlock(lock);
  else if (child && !brimi_lock_held_by(lock, brimi_lock_token()))
    store_relaxed(&lock->word, 0);
}

static void release_all(bool child)
{
  for (struct heap *heap = brimi_heap_first(); heap; heap = brimi_heap_next(heap))
    release(&heap->lock, child);
  for (unsigned i = LOCKS; i-- > 0;)
    release(locks[i], child);
}

/* Fork handlers of others may run while the locks are held, and allocate: as if this thread were inside the allocator
 * already. Signal handlers wait: one that forks would find locks that its own thread is taking, or has taken. */
static bool has_entered;
static uint64_t signals; /* blocked before; both under the registry's lock */

/* glibc's lock of all streams: its fork takes it after our handlers if there are threads, and makes it new in the
 * child. Whoever holds it (fflush(NULL), fclose) waits for streams, and whoever holds a stream (getline) for our
 * locks: so it comes first. */
extern void list_lock(void) __asm__("_IO_list_lock") __attribute__((weak));
extern void list_unlock(void) __asm__("_IO_list_unlock") __attribute__((weak));
extern char single_threaded __asm__("__libc_single_threaded") __attribute__((weak));
static bool has_list;

static void prepare(void)
{
  bool list = &single_threaded && !single_threaded; /* a libc with this has the lock, too: its fork takes it */
  bool inside = is_inside(brimi_lock_token());
  uint64_t blocked;
  for (;;) {
    while (!inside && load_relaxed(&forks_inside))
      brimi_os_wait(&nap, 0, NAP_NS);
    blocked = brimi_os_block(~UINT64_C(0));
    if (inside)
      add_relaxed(&forks_inside, 1);
    if (list)
      list_lock();
    if (take_all(inside))
      break;
    release_all(false);
    if (list)
      list_unlock();
    brimi_os_block(blocked);
  }
  has_entered = brimi_enter();
  signals = blocked;
  has_list = list;
}

static void finish(bool child)
{
  bool leaves = has_entered, list = has_list && !child; /* read while the locks are held */
  uint64_t blocked = signals;
  release_all(child);
  if (list)
    list_unlock();
  if (leaves)
    brimi_leave();
  brimi_os_block(blocked);
}

static void in_parent(void)
{
  if (is_inside(brimi_lock_token()))
    sub_relaxed(&forks_inside, 1);
  finish(false);
}

static void in_child(void)
{
  store_relaxed(&forks_inside, 0);
  brimi_heap_after_fork();
  brimi_purge_after_fork();
  brimi_os_close_kept_stderr();
  finish(true);
}

void brimi_fork_init(void) { pthread_atfork(prepare, in_parent, in_child); }
