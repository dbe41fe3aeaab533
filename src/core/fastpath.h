/* fastpath.h: malloc and free as nearly every call goes. No lock, no atomic read-modify-write, nothing per block but its
 * state byte, user memory untouched.
 *
 *   malloc ─ class ─ pop the bin ─────────────── mark LIVE ─ done
 *              │          └ empty: brimi_malloc_slow ─ first call, counting, refill from slabs, new slab
 *              └ from the threshold up: brimi_malloc_large ─ hot, slots, pool, mmap
 *
 *   free ─── page map ─ index ─ LIVE? ─ own heap? ─ push on the bin ─ mark CACHED ─ done
 *              └─────────┴──────┴─────────│───────────│ brimi_free_unknown ─ NULL, misuse
 *                                         └───────────┴ brimi_free_slow ─ large, remote, flush of a full bin */
#ifndef BRIM_FASTPATH_H
#define BRIM_FASTPATH_H

#include "core/alloc.h"
#include "core/heap.h"
#include "core/pagemap.h"

/* Pops a block; NULL if the bin is empty. *state is where its state stands, which the caller sets to LIVE. */
static ALWAYS_INLINE void *brimi_bin_pop(struct bin *bin, _Atomic uint8_t **state)
{
  struct entry *top = bin->top;
  void *block = top->block;
  if (unlikely(!block))
    return NULL;
  *state = top->state;
  bin->top = top - 1;
  return block;
}

static ALWAYS_INLINE void *brimi_malloc_fast(size_t size)
{
  _Atomic uint8_t *state;
  if (unlikely(size >= CLASS_MAX_BYTES))
    return brimi_malloc_large(size);
  unsigned sc = brimi_class_of(size);
  void *block = brimi_bin_pop(&brimi_heap_mine()->bins[sc], &state);
  if (unlikely(!block))
    return brimi_malloc_slow(size, sc);
  store_relaxed(state, STATE_LIVE);
  return block;
}

static ALWAYS_INLINE void brimi_free_fast(void *block)
{
  struct heap *heap = brimi_heap_mine();
  struct slab *slab = brimi_pagemap_find(block);
  size_t index;
  if (unlikely(!slab || !brimi_block_index(slab, (uintptr_t)block - slab->start, &index) ||
               load_relaxed(&slab->state[index]) != STATE_LIVE)) {
    brimi_free_unknown(block);
    return;
  }
  _Atomic uint8_t *state = &slab->state[index];
  struct bin *bin = &heap->bins[slab->sc];
  if (unlikely(slab->heap != heap || bin->top == bin->end)) {
    brimi_free_slow(block, slab, state);
    return;
  }
  store_relaxed(state, STATE_CACHED);
  *++bin->top = (struct entry){block, state};
}

#endif
