/* fork.c: before a fork, the forking thread takes every lock, in the order of ranks, so that nothing is half done in
 * the child; the child gives the heaps of the threads that are no more to whoever comes next.
 *
 * A signal handler may fork while its own thread is inside the allocator. A lock that this thread holds already stays
 * with it: what it protects is finished when the handler returns, in parent and child alike. Another thread may then
 * wait for that lock while it holds its heap's. Waiting for that one would never end, so it ends after a while. */
#include "core/fork.h"
#include "base/bits.h"
#include "core/heap.h"
#include "core/large.h"
#include "core/meta.h"
#include "core/purge.h"
#include "core/runs.h"
#include "os/os.h"

#include <pthread.h>

enum { PATIENCE = 500, NAP_NS = 100000 }; /* naps before a lock that may never come free is given up: 50 ms */

/* All locks but those of heaps, in the order of ranks; the heaps' come after LOCK_REGISTRY. */
static struct lock *const locks[] = {&brimi_purge_lock, &brimi_registry_lock, &brimi_large_lock, &brimi_runs_lock,
                                     &brimi_meta_lock};
enum { BEFORE_HEAPS = 2, LOCKS = COUNT_OF(locks) };

/* What this thread held when it came to fork: a bit for each of `locks`, and at most one heap's lock. */
static THREAD_LOCAL uint8_t held_before;
static THREAD_LOCAL struct heap *heap_held_before;

static bool note_held(uint32_t token)
{
  held_before = 0;
  heap_held_before = NULL;
  for (unsigned i = 0; i < LOCKS; i++)
    held_before |= (uint8_t)(brimi_lock_held_by(locks[i], token) << i);
  for (struct heap *heap = brimi_heap_first(); heap; heap = heap->next)
    if (brimi_lock_held_by(&heap->lock, token))
      heap_held_before = heap;
  return held_before || heap_held_before;
}

static void take(struct lock *lock, uint32_t token, bool inside)
{
  static const uint32_t nap;
  if (!inside) {
    brimi_lock_as(lock, token);
    return;
  }
  for (int i = 0; i < PATIENCE && !brimi_lock_held_by(lock, token) && !brimi_try_lock_as(lock, token); i++)
    brimi_os_wait(&nap, 0, NAP_NS);
}

static void prepare(void)
{
  uint32_t token = brimi_lock_token();
  bool inside = note_held(token);
  for (unsigned i = 0; i < BEFORE_HEAPS; i++)
    take(locks[i], token, inside);
  for (struct heap *heap = brimi_heap_first(); heap; heap = heap->next)
    take(&heap->lock, token, inside);
  for (unsigned i = BEFORE_HEAPS; i < LOCKS; i++)
    take(locks[i], token, inside);
}

/* Opens a lock that prepare took. In the child, one that it gave up, too: its holder, who is no more, waited for a lock of
 * ours, and did so at a point where what its own lock protects was whole. */
static void release(struct lock *lock, bool held, bool child)
{
  if (held)
    return;
  if (brimi_lock_held_by(lock, brimi_lock_token()))
    brimi_unlock(lock);
  else if (child)
    store_relaxed(&lock->word, 0);
}

static void release_all(bool child)
{
  for (unsigned i = LOCKS; i-- > BEFORE_HEAPS;)
    release(locks[i], held_before >> i & 1, child);
  for (struct heap *heap = brimi_heap_first(); heap; heap = heap->next)
    release(&heap->lock, heap == heap_held_before, child);
  for (unsigned i = BEFORE_HEAPS; i-- > 0;)
    release(locks[i], held_before >> i & 1, child);
}

static void in_parent(void) { release_all(false); }

static void in_child(void)
{
  brimi_heap_after_fork();
  brimi_purge_after_fork();
  release_all(true);
}

void brimi_fork_init(void) { pthread_atfork(prepare, in_parent, in_child); }
