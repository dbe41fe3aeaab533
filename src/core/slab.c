#include "core/slab.h"
#include "base/bits.h"
#include "core/heap.h"
#include "core/large.h"
#include "core/misuse.h"
#include "core/pagemap.h"
#include "core/purge.h"
#include "core/slabs.h"

#include <string.h>

void brimi_heap_calm(struct heap *heap)
{
  brimi_lock(&heap->lock);
  heap->calm_bytes = brimi_slabs_free_bytes(heap);
  heap->most_bytes = load_relaxed(&heap->slab_bytes);
  brimi_unlock(&heap->lock);
}

/* ---- taking blocks from slabs ------------------------------------------------------------------------------------ */

#define STATES(state) (UINT64_C(0x0101010101010101) * (state)) /* eight times the same */

/* Writes the entries of eight blocks downwards, the first block as the last entry; both halves of an entry at once. */
static inline struct entry *enter_eight(struct entry *end, uintptr_t block, uintptr_t bytes, _Atomic uint8_t *state)
{
  typedef uintptr_t pair __attribute__((vector_size(sizeof(struct entry))));
  pair entry = {block, (uintptr_t)state}, step = {bytes, 1};
#pragma GCC unroll 8
  for (unsigned i = 0; i < 8; i++, entry += step)
    memcpy(--end, &entry, sizeof entry);
  return end;
}

/* Takes FREE blocks from low to high and writes their entries downwards from before `end`; returns how many. Eight states are
 * read at once. They are written at once only if all are FREE: else a holder of one of the blocks may be changing its state. */
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
  struct heap *host = heap->host;
  unsigned taken = 0;
  size_t grown = 0;
  brimi_lock(&host->lock);
  while (taken < wanted) {
    struct slab *slab = host->slabs[sc].with_free;
    if (!slab && (taken || !(slab = brimi_slabs_new(host, sc, may_touch, &grown))))
      break;
    taken += take_from(slab, entries + wanted - taken, wanted - taken);
    if (slab->used == slab->blocks)
      brimi_slabs_unlist(host, slab);
  }
  bump_relaxed(&host->used_bytes, (uint64_t)taken * brimi_classes[sc].bytes);
  brimi_slabs_stay_calm(host);
  brimi_unlock(&host->lock);
  if (unlikely(grown) && brimi_large_any())
    brimi_large_give_up(grown);
  if (taken < wanted)
    memmove(entries, entries + wanted - taken, taken * sizeof *entries);
  return taken;
}

/* ---- giving blocks back to slabs --------------------------------------------------------------------------------- */

/* Whether the first eight entries are those of a whole word of states, in their order: a batch mostly goes back as it came. */
static inline bool is_word(const struct entry *entries)
{
#pragma GCC unroll 8
  for (unsigned i = 1; i < 8; i++)
    if (entries[i].state != entries->state + i)
      return false;
  return true;
}

/* Frees the eight blocks of a word of states at once, which are the caller's. False if one of them is not. */
static inline bool free_word(_Atomic uint8_t *states)
{
  _Atomic uint64_t *word = (_Atomic uint64_t *)(void *)states;
  if (unlikely(~load_relaxed(word) & STATES(STATE_HELD)))
    return false;
  store_relaxed(word, STATES(STATE_FREE));
  return true;
}

/* Gives back the leading entries that are of `slab`; returns how many. Caller holds the heap's lock. */
static unsigned give_to(struct slab *slab, const struct entry *entries, unsigned count)
{
  struct heap *heap = slab->heap;
  _Atomic uint8_t *first = slab->state, *lowest = first + slab->first_free;
  const struct entry *entry = entries, *end = entries + count;
  unsigned doubles = 0;
  for (uintptr_t blocks = slab->blocks; entry < end && (uintptr_t)(entry->state - first) < blocks; entry++) {
    _Atomic uint8_t *state = entry->state;
    lowest = state < lowest ? state : lowest; /* also if it is FREE already */
    if (unlikely((uintptr_t)state % 8 == 0) && end - entry >= 8 && is_word(entry) && free_word(state)) {
      entry += 7;
      continue;
    }
    if (unlikely(!(load_folded(state) & STATE_HELD))) {
      brimi_misuse_corrupt(entry->block);
      doubles++;
      continue;
    }
    store_relaxed(state, STATE_FREE);
  }
  unsigned seen = (unsigned)(entry - entries), given = seen - doubles;
  if (unlikely(!given)) /* the slab may be a kept one then */
    return seen;
  slab->first_free = (uint16_t)(lowest - first);
  slab->used = (uint16_t)(slab->used - given);
  store_relaxed(&slab->purgeable, PURGE_YOUNG);
  bump_relaxed(&heap->used_bytes, -(uint64_t)given * brimi_classes[slab->sc].bytes);
  if (!slab->listed)
    brimi_slabs_list(heap, slab);
  if (slab->used == 0)
    brimi_slabs_emptied(heap, slab);
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
    uncalm = brimi_slabs_free_bytes(locked) - locked->calm_bytes;
  }
  if (locked)
    brimi_unlock(&locked->lock);
  brimi_purge_poll(uncalm);
}
