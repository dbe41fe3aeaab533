#include "core/heap.h"
#include "base/bits.h"
#include "core/bins.h"
#include "core/init.h"
#include "core/large.h"
#include "core/mail.h"
#include "core/meta.h"
#include "core/misuse.h"
#include "core/options.h"
#include "core/pagemap.h"
#include "core/purge.h"
#include "core/reentry.h"
#include "core/runs.h"
#include "core/walk.h"

#include <pthread.h>
#include <string.h>

struct lock brimi_registry_lock;
static struct heap *first_heap, *orphans; /* under brimi_registry_lock; first_heap's list only grows */
static pthread_key_t exit_key;
static bool have_exit_key;

static struct entry no_entry; /* of the empty heap: no block, and never written */

/* Whole before any code has run: a constructor of another library may allocate first. */
struct heap brimi_empty_heap = {.bins = {[0 ... CLASSES - 1] = {&no_entry, &no_entry}}};
THREAD_LOCAL intptr_t brimi_heap_offset;
THREAD_LOCAL uintptr_t brimi_own_bins;
uint16_t brimi_bin_offset[TABLE_MAX / MIN_ALIGN + 1];
static void set_mine(struct heap *heap)
{
  brimi_heap_offset = (intptr_t)((uintptr_t)heap - (uintptr_t)&brimi_empty_heap);
  brimi_own_bins = heap == &brimi_empty_heap ? 0 : (uintptr_t)heap->bins;
}

/* ---- making heaps ------------------------------------------------------------------------------------------------ */

static void thread_exit(void *heap_of_thread);
static void orphan(struct heap *heap);

void brimi_heap_init(void)
{
  for (size_t units = 0; units <= TABLE_MAX / MIN_ALIGN; units++)
    brimi_bin_offset[units] = (uint16_t)(brimi_class_of(units * MIN_ALIGN) * sizeof(struct bin));
  have_exit_key = pthread_key_create(&exit_key, thread_exit) == 0;
}

static void set_up(struct heap *heap, struct entry *entries)
{
  struct bin *filled = heap->counted_bins ? heap->counted_bins : heap->bins;
  heap->entries = entries;
  heap->filled = filled;
  bool keeps = !heap->counted_bins && brimi_options.purge_delay;
  heap->slot_max = keeps ? (size_t)brimi_options.cache_max / 2 : 0;
  heap->hot_max = min_size(HOT_LARGE_MAX, heap->slot_max);
  brimi_bins_set_up(heap);
}

static struct heap *new_heap(void)
{
  static union {
    struct heap heap;
    char room[20480];
  } first_memory __attribute__((aligned(4096)));
  bool counting = brimi_options.stats != STATS_OFF;
  size_t header = align_up(sizeof(struct heap), 64), bins = counting ? sizeof(struct bin[CLASSES]) : 0;
  size_t bytes = header + bins + brimi_bin_entries * sizeof(struct entry);
  struct heap *heap = !first_heap && bytes <= sizeof first_memory ? &first_memory.heap : brimi_meta_pages(bytes);
  if (!heap)
    return NULL;
  heap->counted_bins = counting ? (struct bin *)((char *)heap + header) : NULL;
  set_up(heap, (struct entry *)((char *)heap + header + bins));
  return heap;
}

/* Puts up to `wanted` CACHED blocks of a torn heap's slab into entries, from block *from on; returns how many. Until they
 * are given back, the slab stands. */
static unsigned find_cached(struct heap *heap, void *start, unsigned *from, struct entry *entries, unsigned wanted)
{
  unsigned count = 0;
  brimi_lock(&heap->lock);
  struct slab *slab = brimi_walk_slab(heap, start);
  for (; slab && count < wanted && *from < slab->blocks; ++*from) {
    uint8_t state = load_relaxed(&slab->state[*from]);
    if (state == STATE_CACHED || state == STATE_CACHED_ZERO)
      entries[count++] =
          (struct entry){(void *)(slab->start + *from * brimi_slab_block_bytes(slab)), &slab->state[*from]};
  }
  brimi_unlock(&heap->lock);
  return count;
}

/* Blocks that were CACHED when a fork cut their thread off are nobody's: FREE again. Those that are SENT lie in a
 * mailbox, or in a parcel of a thread that may live. */
static COLD void mend_slab(struct heap *heap, void *start, void *torn)
{
  enum { BATCH = 64 };
  struct entry entries[BATCH];
  unsigned from = 0;
  for (unsigned count = BATCH; heap == torn && count == BATCH;) {
    count = find_cached(heap, start, &from, entries, BATCH);
    brimi_heap_give(entries, count);
  }
}

static COLD struct heap *adopt_or_make(void)
{
  brimi_lock(&brimi_registry_lock);
  struct heap *heap = orphans;
  if (heap) {
    orphans = heap->next_orphan;
  } else if ((heap = new_heap())) {
    struct heap **end = &first_heap;
    while (*end)
      end = &(*end)->next;
    /* release: pairs with the walk over `next` in brimi_heap_first's callers, who hold no lock. */
    __atomic_store_n(end, heap, __ATOMIC_RELEASE);
  }
  brimi_unlock(&brimi_registry_lock);
  if (heap && heap->torn) {
    set_up(heap, heap->entries);
    memset(heap->open, 0, sizeof heap->open);
    store_relaxed(&heap->open_bytes, 0);
    heap->hot_large = NULL;
    brimi_walk_slabs(mend_slab, heap);
    heap->torn = false;
  }
  return heap;
}

bool brimi_heap_attach(void)
{
  if (brimi_past_end || !have_exit_key)
    return false;
  struct heap *heap = adopt_or_make();
  if (!heap)
    return false;
  set_mine(heap);
  pthread_setspecific(exit_key, heap);
  return true;
}

struct heap *brimi_heap_first(void) { return __atomic_load_n(&first_heap, __ATOMIC_ACQUIRE); }

struct heap *brimi_heap_shared(void)
{
  struct heap *heap = brimi_heap_first();
  if (heap)
    return heap;
  if ((heap = adopt_or_make()))
    orphan(heap);
  return heap;
}

/* Caller holds the lock. */
static uint64_t free_bytes(struct heap *heap)
{
  return load_relaxed(&heap->slab_bytes) - load_relaxed(&heap->used_bytes);
}

void brimi_heap_calm(struct heap *heap)
{
  brimi_lock(&heap->lock);
  heap->calm_bytes = free_bytes(heap);
  brimi_unlock(&heap->lock);
}

/* ---- taking blocks from slabs ------------------------------------------------------------------------------------ */

static void list_slab(struct heap *heap, struct slab *slab)
{
  struct slab **head = &heap->slabs[slab->sc];
  slab->previous = NULL;
  slab->next = *head;
  if (*head)
    (*head)->previous = slab;
  *head = slab;
  slab->listed = true;
}

static void unlist_slab(struct heap *heap, struct slab *slab)
{
  *(slab->previous ? &slab->previous->next : &heap->slabs[slab->sc]) = slab->next;
  if (slab->next)
    slab->next->previous = slab->previous;
  slab->listed = false;
}

/* Adds to *grown what the break heap had to grow by. */
static struct slab *new_slab(struct heap *heap, unsigned sc, size_t *grown)
{
  const struct class_info *info = &brimi_classes[sc];
  struct slab *slab = brimi_meta_alloc(brimi_slab_record(info->blocks));
  struct run run;
  if (!slab)
    return NULL;
  if (!brimi_runs_alloc(info->granules, &run)) {
    brimi_meta_free(slab, brimi_slab_record(info->blocks));
    return NULL;
  }
  *grown += run.grown;
  *slab = (struct slab){.start = run.start,
                        .inverse = info->inverse,
                        .heap = heap,
                        .sc = (uint16_t)sc,
                        .granules = info->granules,
                        .blocks = info->blocks};
  memset((void *)slab->state, run.is_zero ? STATE_FREE_ZERO : STATE_FREE, info->blocks);
  memset((void *)(slab->state + info->blocks), STATE_PADDING, brimi_slab_states(info->blocks) - info->blocks);
  store_relaxed(&slab->purgeable, run.is_zero ? PURGE_DONE : PURGE_YOUNG);
  brimi_pagemap_enter(slab, slab->granules, &heap->bins[sc]);
  bump_relaxed(&heap->slab_bytes, (uint64_t)info->blocks * info->bytes);
  list_slab(heap, slab);
  return slab;
}

#define STATES_TAKEN UINT64_C(0x8080808080808080) /* STATE_TAKEN in each of eight states */

/* Takes FREE blocks from low to high and writes them downwards from before `end`; returns how many. Eight states are read
 * at once. They are written at once only if all are FREE: else a neighbour may be changed by the thread that holds it. */
static unsigned take_from(struct slab *slab, struct entry *end, unsigned wanted)
{
  uintptr_t bytes = brimi_classes[slab->sc].bytes;
  _Atomic uint64_t *words = (_Atomic uint64_t *)(void *)slab->state;
  unsigned taken = 0, word = slab->first_free / 8;
  for (; taken < wanted && word * 8 < slab->blocks; word++) {
    uint64_t states = load_relaxed(&words[word]), free = ~states & STATES_TAKEN;
    _Atomic uint8_t *state = &slab->state[word * 8];
    uintptr_t block = slab->start + word * 8 * bytes;
    if (free == STATES_TAKEN && wanted - taken >= 8) {
      store_relaxed(&words[word], states | STATES_TAKEN);
      for (unsigned i = 0; i < 8; i++)
        *--end = (struct entry){(void *)(block + i * bytes), state + i};
      taken += 8;
      continue;
    }
    for (; free && taken < wanted; free &= free - 1, taken++) {
      unsigned i = lowest_bit(free) / 8;
      store_relaxed(state + i, load_relaxed(state + i) | STATE_TAKEN);
      *--end = (struct entry){(void *)(block + i * bytes), state + i};
    }
    if (free)
      break;
  }
  slab->first_free = (uint16_t)(word * 8);
  slab->used = (uint16_t)(slab->used + taken);
  return taken;
}

unsigned brimi_heap_take(struct heap *heap, unsigned sc, struct entry *entries, unsigned wanted)
{
  unsigned taken = 0;
  size_t grown = 0;
  brimi_lock(&heap->lock);
  while (taken < wanted) {
    struct slab *slab = heap->slabs[sc];
    if (!slab && (taken || !(slab = new_slab(heap, sc, &grown))))
      break;
    taken += take_from(slab, entries + wanted - taken, wanted - taken);
    if (slab->used == slab->blocks)
      unlist_slab(heap, slab);
  }
  bump_relaxed(&heap->used_bytes, (uint64_t)taken * brimi_classes[sc].bytes);
  if (free_bytes(heap) < heap->calm_bytes)
    heap->calm_bytes = free_bytes(heap);
  brimi_unlock(&heap->lock);
  if (unlikely(grown))
    brimi_large_give_up(heap, grown);
  if (taken < wanted)
    memmove(entries, entries + wanted - taken, taken * sizeof *entries);
  return taken;
}

/* ---- giving blocks back to slabs --------------------------------------------------------------------------------- */

static void free_slab(struct slab *slab)
{
  struct heap *heap = slab->heap;
  bump_relaxed(&heap->slab_bytes, -(uint64_t)slab->blocks * brimi_classes[slab->sc].bytes);
  brimi_pagemap_forget(slab->start, slab->granules);
  brimi_runs_free(slab->start, slab->granules);
  brimi_meta_free(slab, brimi_slab_record(slab->blocks));
  if (free_bytes(heap) < heap->calm_bytes)
    heap->calm_bytes = free_bytes(heap);
}

/* Caller holds the lock of the slab's heap. An empty slab is kept if it is the only one of its class with room. */
static void slab_emptied(struct heap *heap, struct slab *slab)
{
  if (!slab->next && !slab->previous)
    return;
  unlist_slab(heap, slab);
  free_slab(slab);
}

/* Gives back the entries from the first on that are of `slab`; returns how many. Caller holds the heap's lock. */
static unsigned give_to(struct slab *slab, const struct entry *entries, unsigned count)
{
  struct heap *heap = slab->heap;
  unsigned seen = 0, doubles = 0;
  _Atomic uint8_t *lowest = slab->state + slab->first_free;
  for (; seen < count && (uintptr_t)(entries[seen].state - slab->state) < slab->blocks; seen++) {
    _Atomic uint8_t *state = entries[seen].state;
    if (unlikely(!(load_relaxed(state) & STATE_TAKEN) || load_relaxed(state) == STATE_LIVE)) {
      brimi_misuse_corrupt(entries[seen].block);
      doubles++;
      continue;
    }
    store_relaxed(state, STATE_FREE);
    lowest = state < lowest ? state : lowest;
  }
  unsigned given = seen - doubles;
  slab->first_free = (uint16_t)(lowest - slab->state);
  slab->used = (uint16_t)(slab->used - given);
  store_relaxed(&slab->purgeable, PURGE_YOUNG);
  bump_relaxed(&heap->used_bytes, -(uint64_t)given * brimi_classes[slab->sc].bytes);
  if (!slab->listed)
    list_slab(heap, slab);
  if (slab->used == 0)
    slab_emptied(heap, slab);
  return seen;
}

void brimi_heap_give(const struct entry *entries, unsigned count)
{
  struct heap *locked = NULL;
  uint64_t uncalm = 0;
  for (unsigned i = 0; i < count;) {
    struct slab *slab = brimi_pagemap_find(entries[i].block);
    /* A double free by two threads at once may have freed the slab meanwhile. */
    if (unlikely(!slab || !slab->heap || (uintptr_t)(entries[i].state - slab->state) >= slab->blocks)) {
      brimi_misuse_corrupt(entries[i++].block);
      continue;
    }
    if (slab->heap != locked) {
      if (locked)
        brimi_unlock(&locked->lock);
      locked = slab->heap;
      brimi_lock(&locked->lock);
    }
    i += give_to(slab, entries + i, count - i);
    uncalm = free_bytes(locked) - locked->calm_bytes;
  }
  if (locked)
    brimi_unlock(&locked->lock);
  brimi_purge_poll(uncalm);
}

void brimi_heap_release_empty(struct heap *heap)
{
  brimi_lock(&heap->lock);
  for (unsigned sc = 0; sc < CLASSES; sc++)
    for (struct slab *slab = heap->slabs[sc], *next; slab; slab = next) {
      next = slab->next;
      if (slab->used)
        continue;
      unlist_slab(heap, slab);
      free_slab(slab);
    }
  brimi_unlock(&heap->lock);
}

/* ---- the end of a thread ----------------------------------------------------------------------------------------- */

void brimi_heap_flush(struct heap *heap)
{
  brimi_bins_flush(heap);
  brimi_mail_send_all(heap);
  brimi_mail_deliver(heap);
  brimi_large_flush(heap);
}

static void orphan(struct heap *heap)
{
  brimi_lock(&brimi_registry_lock);
  heap->next_orphan = orphans;
  orphans = heap;
  brimi_unlock(&brimi_registry_lock);
}

/* Runs among the thread's last destructors. One that runs later and allocates is served without a heap: libc calls the
 * destructor of a key that was set again only a few more times. */
static void thread_exit(void *heap_of_thread)
{
  struct heap *heap = heap_of_thread;
  if (heap != brimi_heap_mine())
    return;
  bool entered = brimi_enter();
  brimi_past_end = true;
  set_mine(&brimi_empty_heap);
  brimi_heap_flush(heap);
  brimi_heap_release_empty(heap);
  orphan(heap);
  if (entered)
    brimi_leave();
}

void brimi_heap_after_fork(void)
{
  orphans = NULL;
  for (struct heap *heap = first_heap; heap; heap = brimi_heap_next(heap)) {
    if (heap == brimi_heap_mine())
      continue;
    heap->torn = true;
    heap->next_orphan = orphans;
    orphans = heap;
  }
}
