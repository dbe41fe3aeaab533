#include "core/slab.h"
#include "base/bits.h"
#include "core/heap.h"
#include "core/large.h"
#include "core/meta.h"
#include "core/misuse.h"
#include "core/pagemap.h"
#include "core/purge.h"
#include "core/runs.h"

#include <string.h>

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

/* Whether most blocks of the heap's slabs are in use, so that those of one more soon will be: the slabs of a thread that uses
 * few of many sizes are not. */
static bool is_dense(struct heap *heap)
{
  uint64_t all = load_relaxed(&heap->slab_bytes);
  return load_relaxed(&heap->used_bytes) >= all - all / 8;
}

/* The first slabs of a wide class have as few granules as can be, most of them one block each, so that pages freed by one size
 * serve the next, whichever it is. Where there are more, slabs of more blocks leave less over. */
struct slab_shape brimi_slab_shape(struct heap *heap, unsigned sc)
{
  enum { FEW = 8 };
  const struct class_info *info = &brimi_classes[sc];
  if (!brimi_is_wide(sc) || load_relaxed(&heap->slab_n[sc]) >= FEW)
    return (struct slab_shape){info->granules, info->blocks};
  size_t bytes = align_up(info->bytes, GRANULE);
  return (struct slab_shape){(uint16_t)(bytes >> GRANULE_SHIFT), (uint16_t)(bytes / info->bytes)};
}

/* Adds to *grown what the break heap had to grow by. */
static struct slab *new_slab(struct heap *heap, unsigned sc, bool may_touch, size_t *grown)
{
  const struct class_info *info = &brimi_classes[sc];
  struct slab_shape shape = brimi_slab_shape(heap, sc);
  bool is_filled = shape.blocks == info->blocks && is_dense(heap);
  enum runs_source source = !may_touch ? RUNS_DIRTY : is_filled ? RUNS_FILLED : RUNS_ANY;
  struct slab *slab = brimi_meta_alloc(brimi_slab_record(shape.blocks));
  struct run run;
  if (!slab)
    return NULL;
  if (!brimi_runs_alloc(shape.granules, source, &run)) {
    brimi_meta_free(slab, brimi_slab_record(shape.blocks));
    return NULL;
  }
  *grown += run.grown;
  *slab = (struct slab){.start = run.start,
                        .inverse = info->inverse,
                        .heap = heap,
                        .sc = (uint16_t)sc,
                        .granules = shape.granules,
                        .blocks = shape.blocks};
  memset((void *)slab->state, run.is_zero ? STATE_FREE_ZERO : STATE_FREE, shape.blocks);
  memset((void *)(slab->state + shape.blocks), STATE_PADDING, brimi_slab_states(shape.blocks) - shape.blocks);
  store_relaxed(&slab->purgeable, run.is_zero ? PURGE_DONE : PURGE_YOUNG);
  brimi_pagemap_enter(slab, slab->granules, &heap->bins[sc]);
  bump_relaxed(&heap->slab_bytes, (uint64_t)shape.blocks * info->bytes);
  bump_relaxed(&heap->slab_n[sc], 1);
  list_slab(heap, slab);
  return slab;
}

#define STATES(state) (UINT64_C(0x0101010101010101) * (state)) /* eight times the same */

/* Writes the entries of eight blocks in a row, the first as the last: both halves of an entry at once. */
static inline struct entry *enter_eight(struct entry *end, uintptr_t block, uintptr_t bytes, _Atomic uint8_t *state)
{
  typedef uintptr_t pair __attribute__((vector_size(sizeof(struct entry))));
  pair entry = {block, (uintptr_t)state}, step = {bytes, 1};
#pragma GCC unroll 8
  for (unsigned i = 0; i < 8; i++, entry += step)
    memcpy(--end, &entry, sizeof entry);
  return end;
}

/* Takes FREE blocks from low to high and writes them downwards from before `end`; returns how many. Eight states are read
 * at once. They are written at once only if all are FREE: else a neighbour may be changed by the thread that holds it. */
static unsigned take_from(struct slab *slab, struct entry *end, unsigned wanted)
{
  uintptr_t bytes = brimi_classes[slab->sc].bytes;
  _Atomic uint64_t *words = (_Atomic uint64_t *)(void *)slab->state;
  unsigned taken = 0, word = slab->first_free / 8;
  for (; taken < wanted && word * 8 < slab->blocks; word++) {
    uint64_t states = load_relaxed(&words[word]), free = ~states & STATES(STATE_TAKEN);
    _Atomic uint8_t *state = &slab->state[word * 8];
    uintptr_t block = slab->start + word * 8 * bytes;
    if (free == STATES(STATE_TAKEN) && wanted - taken >= 8) {
      store_relaxed(&words[word], states | STATES(STATE_CACHED_ZERO));
      end = enter_eight(end, block, bytes, state);
      taken += 8;
      continue;
    }
    for (; free && taken < wanted; free &= free - 1, taken++) {
      unsigned i = lowest_bit(free) / 8;
      store_relaxed(state + i, load_relaxed(state + i) | STATE_CACHED_ZERO);
      *--end = (struct entry){(void *)(block + i * bytes), state + i};
    }
    if (free)
      break;
  }
  slab->first_free = (uint16_t)(word * 8);
  slab->used = (uint16_t)(slab->used + taken);
  return taken;
}

unsigned brimi_heap_take(struct heap *heap, unsigned sc, struct entry *entries, unsigned wanted, bool may_touch)
{
  unsigned taken = 0;
  size_t grown = 0;
  brimi_lock(&heap->lock);
  while (taken < wanted) {
    struct slab *slab = heap->slabs[sc];
    if (!slab && (taken || !(slab = new_slab(heap, sc, may_touch, &grown))))
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
  bump_relaxed(&heap->slab_n[slab->sc], (uint32_t)-1);
  brimi_pagemap_forget(slab->start, slab->granules);
  brimi_runs_free(slab->start, slab->granules);
  brimi_meta_free(slab, brimi_slab_record(slab->blocks));
  if (free_bytes(heap) < heap->calm_bytes)
    heap->calm_bytes = free_bytes(heap);
}

/* Caller holds the lock of the slab's heap. An empty slab is kept if it is the only one of its class with room, but for those
 * of wide blocks, whose memory another size may need sooner. */
static void slab_emptied(struct heap *heap, struct slab *slab)
{
  if (!slab->next && !slab->previous && !brimi_is_wide(slab->sc))
    return;
  unlist_slab(heap, slab);
  free_slab(slab);
}

/* Gives back the entries from the first on that are of `slab`; returns how many. Caller holds the heap's lock. */
static unsigned give_to(struct slab *slab, const struct entry *entries, unsigned count)
{
  struct heap *heap = slab->heap;
  _Atomic uint8_t *first = slab->state, *lowest = first + slab->first_free;
  const struct entry *entry = entries, *end = entries + count;
  unsigned doubles = 0;
  for (uintptr_t blocks = slab->blocks; entry < end && (uintptr_t)(entry->state - first) < blocks; entry++) {
    _Atomic uint8_t *state = entry->state;
    if (unlikely(!(load_relaxed(state) & STATE_HELD))) {
      brimi_misuse_corrupt(entry->block);
      doubles++;
      continue;
    }
    store_relaxed(state, STATE_FREE);
    lowest = state < lowest ? state : lowest;
  }
  unsigned seen = (unsigned)(entry - entries), given = seen - doubles;
  slab->first_free = (uint16_t)(lowest - first);
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
