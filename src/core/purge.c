#include "core/purge.h"
#include "base/bits.h"
#include "core/heap.h"
#include "core/large.h"
#include "core/mail.h"
#include "core/meta.h"
#include "core/options.h"
#include "core/pagemap.h"
#include "core/reentry.h"
#include "core/runs.h"
#include "core/slabs.h"
#include "core/walk.h"
#include "os/os.h"

enum { IDLE_TICKS = 8 }; /* the helper ends after so many ticks without work */
/* Of the helper. It says that it may end several passes before it does: what was freed before is seen by a pass that
 * gives it back, and whoever frees later makes it stay. */
enum helper_state { HELPER_NONE, HELPER_STAYS, HELPER_MAY_END, HELPER_ENDS };

struct lock brimi_purge_lock;
_Atomic uint32_t brimi_purge_tick;
static _Atomic uint32_t helper;          /* enum helper_state; the system sets HELPER_NONE when it has ended */
static bool is_trim;                     /* under brimi_purge_lock */
static _Atomic bool no_helper, no_purge; /* the system refuses; relaxed, not tried again */

/* A pass of the helper, or of a thread that frees, ends early when somebody waits for the purge lock: while many
 * threads run, each heap's lock may take long to get, and a fork needs them all. */
static bool gives_way(void) { return !is_trim && (load_relaxed(&brimi_purge_lock.word) & LOCK_WAITERS); }

/* ---- free pages inside slabs -------------------------------------------------------------------------------------- */

/* Blocks [first, last) are FREE: gives back the pages that lie wholly in them. Caller holds the heap's lock. */
static size_t purge_blocks(struct slab *slab, unsigned first, unsigned last)
{
  size_t size = brimi_classes[slab->sc].bytes;
  uintptr_t end = slab->start + brimi_slab_run_bytes(slab);
  uintptr_t from = align_up(slab->start + first * size, brimi_page_bytes);
  uintptr_t to = align_down(last == slab->blocks ? end : slab->start + last * size, brimi_page_bytes);
  if (from >= to || !brimi_os_purge((void *)from, to - from))
    return 0;
  for (unsigned i = first; i < last; i++)
    if (slab->start + i * size >= from && slab->start + (i + 1) * size <= to)
      store_relaxed(&slab->state[i], STATE_FREE_ZERO);
  return to - from;
}

static inline bool is_free(struct slab *slab, unsigned index)
{
  return !(load_relaxed(&slab->state[index]) & STATE_TAKEN);
}

/* Gives back the pages of runs of free blocks of which at least one is dirty. */
static size_t purge_holes(struct slab *slab)
{
  size_t bytes = 0;
  for (unsigned i = 0; i < slab->blocks; i++) {
    unsigned first = i;
    bool dirty = false;
    for (; i < slab->blocks && is_free(slab, i); i++)
      dirty |= load_relaxed(&slab->state[i]) == STATE_FREE;
    if (dirty)
      bytes += purge_blocks(slab, first, i);
  }
  return bytes;
}

struct hole_purge {
  bool only_old;
  size_t bytes;
};

/* Without the lock, the record may be freed and used again meanwhile: then the answer is a wrong guess. */
UNCHECKED_RACE static bool may_be_purgeable(void *start)
{
  struct slab *slab = brimi_pagemap_find(start);
  return slab && load_relaxed(&slab->purgeable) != PURGE_DONE;
}

static void visit_slab(struct heap *heap, void *start, void *context)
{
  struct hole_purge *purge = context;
  if (gives_way() || !may_be_purgeable(start))
    return;
  brimi_lock(&heap->lock);
  struct slab *slab = brimi_walk_slab(heap, start);
  uint8_t age = slab ? load_relaxed(&slab->purgeable) : PURGE_DONE;
  if (purge->only_old && age == PURGE_YOUNG) {
    store_relaxed(&slab->purgeable, PURGE_OLD);
  } else if (age != PURGE_DONE) {
    store_relaxed(&slab->purgeable, PURGE_DONE);
    purge->bytes += purge_holes(slab);
  }
  brimi_unlock(&heap->lock);
}

/* Delivers all mail: some slabs run empty by it. */
static void deliver_all(void)
{
  for (struct heap *heap = brimi_heap_first(); heap && !gives_way(); heap = brimi_heap_next(heap))
    brimi_mail_deliver(heap);
}

/* ---- a pass ------------------------------------------------------------------------------------------------------ */

/* After deliver_all. Caller holds brimi_purge_lock. */
static size_t purge_pass(bool only_old)
{
  struct hole_purge holes = {only_old, 0};
  size_t bytes = brimi_runs_purge(only_old, SIZE_MAX);
  brimi_walk_slabs(visit_slab, &holes);
  for (struct heap *heap = brimi_heap_first(); heap && !gives_way(); heap = brimi_heap_next(heap))
    brimi_heap_calm(heap);
  bytes += holes.bytes + brimi_large_purge(only_old ? load_relaxed(&brimi_purge_tick) : UINT32_MAX);
  brimi_meta_purge();
  brimi_runs_age();
  bump_relaxed(&brimi_purge_tick, 1);
  return bytes;
}

size_t brimi_purge_all(size_t pad)
{
  struct heap *mine = brimi_heap_mine();
  if (mine != &brimi_front.empty) {
    brimi_heap_flush(mine);
    brimi_meta_flush(mine);
  }
  brimi_lock(&brimi_purge_lock);
  is_trim = true;
  deliver_all();
  for (struct heap *heap = brimi_heap_first(); heap; heap = brimi_heap_next(heap))
    brimi_slabs_release_empty(heap, false);
  size_t bytes = brimi_runs_cut(pad) + purge_pass(false);
  is_trim = false;
  brimi_unlock(&brimi_purge_lock);
  return bytes;
}

/* ---- the helper -------------------------------------------------------------------------------------------------- */

/* False if somebody wants it to stay. */
static bool may_end(void)
{
  uint32_t state = HELPER_MAY_END;
  return cas_acq_rel(&helper, &state, HELPER_ENDS);
}

static void help(void)
{
  brimi_os_schedule_as_any();
  uint64_t nanoseconds = max_size((size_t)brimi_options.purge_delay, 2) * UINT64_C(1000000) / 2;
  for (int idle = 0; idle < IDLE_TICKS || !may_end();) {
    if (idle == IDLE_TICKS / 2)
      store_relaxed(&helper, HELPER_MAY_END);
    brimi_os_wait(&helper, load_relaxed(&helper), nanoseconds);
    bool is_last = brimi_os_rights_differ();
    brimi_lock(&brimi_purge_lock);
    deliver_all();
    idle = purge_pass(!is_last) ? 0 : idle % IDLE_TICKS + 1;
    brimi_unlock(&brimi_purge_lock);
    if (is_last)
      break;
  }
}

/* Whether there is a helper that stays for a while; starts it if need be. */
static bool have_helper(void)
{
  uint32_t state = load_relaxed(&helper);
  if (state == HELPER_STAYS || (state == HELPER_MAY_END && cas_acq_rel(&helper, &state, HELPER_STAYS)))
    return true;
  if (state != HELPER_NONE || !cas_acq_rel(&helper, &state, HELPER_STAYS))
    return state == HELPER_STAYS;
  if (brimi_os_thread(help, &helper, &brimi_mine, sizeof brimi_mine))
    return true;
  store_relaxed(&no_helper, true);
  store_release(&helper, HELPER_NONE);
  return false;
}

/* Without a helper, the thread that frees gives everything back whenever there is much. */
static void purge_here(void)
{
  if (load_relaxed(&no_purge) || !brimi_try_lock_as(&brimi_purge_lock, brimi_lock_token()))
    return;
  /* Not every caller is inside already: a handler that allocates must find that heaps may be locked. */
  bool entered = brimi_enter();
  deliver_all();
  store_relaxed(&brimi_os_purge_refused, false);
  if (!purge_pass(false) && load_relaxed(&brimi_os_purge_refused) && brimi_runs_dirty_bytes() >= PURGE_MUCH)
    store_relaxed(&no_purge, true);
  if (entered)
    brimi_leave();
  brimi_unlock(&brimi_purge_lock);
}

void brimi_purge_runs(size_t bytes)
{
  if (!brimi_runs_dirty_bytes() || !brimi_try_lock_as(&brimi_purge_lock, brimi_lock_token()))
    return;
  brimi_runs_purge(false, bytes);
  brimi_unlock(&brimi_purge_lock);
}

void brimi_purge_see_to(void)
{
  bool may_help = brimi_options.purge_delay && brimi_options.purge_thread && !load_relaxed(&no_helper);
  if (!may_help || !have_helper())
    purge_here();
}

void brimi_purge_after_fork(void) { store_relaxed(&helper, HELPER_NONE); }
