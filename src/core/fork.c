/* fork.c: before a fork, the forking thread takes every lock, in the order of ranks, so that nothing is half done in
 * the child; the child gives the heaps of the threads that are no more to whoever comes next.
 *
 * A signal handler may fork while its own thread is inside the allocator. A lock that this thread holds already stays
 * with it: what it protects is finished when the handler returns, in parent and child alike. Another thread may then
 * wait for that lock while it holds its heap's. Waiting for that one would never end, so it ends after a while. */
#include "core/fork.h"
#include "core/heap.h"
#include "core/large.h"
#include "core/meta.h"
#include "core/purge.h"
#include "core/runs.h"
#include "os/os.h"

#include <pthread.h>

enum { PATIENCE = 500, NAP_NS = 100000 }; /* naps before a lock that may never come free is given up: 50 ms */

/* What prepare took, for parent and child. Written under the registry's lock. */
enum taken { NOT_TAKEN, TAKEN, HELD_BEFORE };
static struct lock *const outer_locks[] = {&brimi_purge_lock, &brimi_registry_lock};
static struct lock *const inner_locks[] = {&brimi_large_lock, &brimi_runs_lock, &brimi_meta_lock};
static enum taken outer_taken[2], inner_taken[3];

static bool is_inside(uint32_t token)
{
  for (unsigned i = 0; i < 2; i++)
    if (brimi_lock_held_by(outer_locks[i], token))
      return true;
  for (unsigned i = 0; i < 3; i++)
    if (brimi_lock_held_by(inner_locks[i], token))
      return true;
  for (struct heap *heap = brimi_heap_first(); heap; heap = heap->next)
    if (brimi_lock_held_by(&heap->lock, token))
      return true;
  return false;
}

static enum taken take(struct lock *lock, uint32_t token, bool inside)
{
  if (brimi_lock_held_by(lock, token))
    return HELD_BEFORE;
  if (!inside) {
    brimi_lock_as(lock, token);
    return TAKEN;
  }
  static const uint32_t nap;
  for (int i = 0; i < PATIENCE; i++) {
    if (brimi_try_lock_as(lock, token))
      return TAKEN;
    brimi_os_wait(&nap, 0, NAP_NS);
  }
  return NOT_TAKEN;
}

static void prepare(void)
{
  uint32_t token = brimi_lock_token();
  bool inside = is_inside(token);
  for (unsigned i = 0; i < 2; i++)
    outer_taken[i] = take(outer_locks[i], token, inside);
  for (struct heap *heap = brimi_heap_first(); heap; heap = heap->next)
    heap->fork_taken = take(&heap->lock, token, inside);
  for (unsigned i = 0; i < 3; i++)
    inner_taken[i] = take(inner_locks[i], token, inside);
}

static void release(struct lock *lock, int taken)
{
  if (taken == TAKEN)
    brimi_unlock(lock);
}

static void release_all(void)
{
  for (unsigned i = 3; i-- > 0;)
    release(inner_locks[i], inner_taken[i]);
  for (struct heap *heap = brimi_heap_first(); heap; heap = heap->next)
    release(&heap->lock, heap->fork_taken);
  for (unsigned i = 2; i-- > 0;)
    release(outer_locks[i], outer_taken[i]);
}

/* A lock that was given up: its holder, who is no more, waited for a lock of ours. It did so at a point where what its
 * own lock protects was whole, so that the lock can be opened. */
static void open_lost(struct lock *lock, enum taken taken)
{
  if (taken == NOT_TAKEN)
    store_relaxed(&lock->word, 0);
}

static void in_child(void)
{
  for (unsigned i = 0; i < 2; i++)
    open_lost(outer_locks[i], outer_taken[i]);
  for (unsigned i = 0; i < 3; i++)
    open_lost(inner_locks[i], inner_taken[i]);
  for (struct heap *heap = brimi_heap_first(); heap; heap = heap->next)
    open_lost(&heap->lock, heap->fork_taken);
  brimi_heap_after_fork();
  brimi_purge_after_fork();
  release_all();
}

void brimi_fork_init(void) { pthread_atfork(prepare, release_all, in_child); }
