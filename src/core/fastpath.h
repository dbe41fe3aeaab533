/* fastpath.h: malloc and free as nearly every call goes. No lock, no atomic read-modify-write, nothing per block but its
 * state byte, user memory untouched. free() takes all that it needs from the page map's entry.
 *
 *   malloc ─ bin of the size ─ pop ─────────── mark LIVE ─ done
 *              │                └ empty ───────────────────┬ brimi_malloc_slow ─ first call, counting, mail, slabs, mapping
 *              └ from 128 KiB up: mapping of the first slot ┘
 *
 *   free ─── page map ┬ index ─ LIVE? ─ own bin? ─ room? ─ push ─ mark CACHED ─ done
 *                     │   │       │          │       └ brimi_free_full
 *                     │   │       │          └ brimi_free_foreign ─ a parcel to another heap, large
 *                     │   └───────┴ brimi_free_unknown ─ NULL, misuse
 *                     └ a mapping ─ its start? LIVE? ─ into the first slot
 *                                                      └ brimi_free_large ─ another slot, the pool */
#ifndef BRIM_FASTPATH_H
#define BRIM_FASTPATH_H

#include "core/alloc.h"
#include "core/heap.h"
#include "core/large.h"
#include "core/pagemap.h"

#include <string.h>

/* Pops a block; NULL if the bin is empty. *state is where its state lies, which the caller sets to LIVE. */
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

/* The offset of a size's bin in a heap, in bytes. False if it has none. */
static ALWAYS_INLINE bool brimi_bin_offset(const struct front *front, size_t size, size_t *offset)
{
  if (likely(size <= TABLE_MAX))
    *offset = front->bin_offset[(size + (MIN_ALIGN - 1)) / MIN_ALIGN];
  else if (likely(size < load_fenced(&front->bins_end)) && fence_acquire()) /* pairs with brimi_heap_init */
    *offset = brimi_class_of_coarse(size) * sizeof(struct bin);
  else
    return false;
  return true;
}

/* This thread's bin at the offset. */
static ALWAYS_INLINE struct bin *brimi_bin_at(struct front *front, size_t offset)
{
  return (struct bin *)((char *)brimi_heap_by(front) + offset);
}

/* Pops a block and marks it LIVE; NULL if the bin is empty. */
static ALWAYS_INLINE void *brimi_bin_take(struct bin *bin)
{
  _Atomic uint8_t *state;
  void *block = brimi_bin_pop(bin, &state);
  if (likely(block != NULL))
    store_relaxed(state, STATE_LIVE);
  return block;
}

/* A block from its bin. NULL: brimi_malloc_slow serves it. */
static ALWAYS_INLINE void *brimi_malloc_bin(size_t size)
{
  struct front *front = opaque(&brimi_front);
  size_t offset;
  return likely(brimi_bin_offset(front, size, &offset)) ? brimi_bin_take(brimi_bin_at(front, offset)) : NULL;
}

/* Marks a popped block LIVE. Returns whether it reads as zero. */
static ALWAYS_INLINE bool brimi_go_live(_Atomic uint8_t *state)
{
  bool is_zero = load_relaxed(state) == STATE_CACHED_ZERO;
  store_relaxed(state, STATE_LIVE);
  return is_zero;
}

/* A cleared block from its bin. NULL: brimi_calloc_slow serves it. */
static ALWAYS_INLINE void *brimi_calloc_bin(size_t bytes)
{
  struct front *front = opaque(&brimi_front);
  size_t offset;
  if (unlikely(!brimi_bin_offset(front, bytes, &offset)))
    return NULL;
  _Atomic uint8_t *state;
  void *block = brimi_bin_pop(brimi_bin_at(front, offset), &state);
  if (unlikely(!block))
    return NULL;
  return brimi_go_live(state) ? block : memset(block, 0, bytes);
}

/* Finds where the state of a block lies, and the owner's bin for it, by `span`, the address's entry in the page map.
 * False, and neither, if no block starts at the address. */
static ALWAYS_INLINE bool brimi_find_in(struct span *span, const void *block, struct bin **bin,
                                        _Atomic uint8_t **state)
{
  size_t index;
  *bin = NULL;
  *state = NULL;
  if (unlikely(!span))
    return false;
  uint64_t inverse = load_acquire(&span->inverse); /* before the rest: pairs with brimi_pagemap_enter */
  if (unlikely(!brimi_block_index(inverse, (uintptr_t)block - load_folded(&span->start), &index)))
    return false;
  *state = load_folded(&span->state) + index;
  *bin = load_relaxed(&span->bin);
  return true;
}

static ALWAYS_INLINE bool brimi_find_block(const void *block, struct bin **bin, _Atomic uint8_t **state)
{
  return brimi_find_in(brimi_pagemap_span(block), block, bin, state);
}

/* The same, if the block is live. Prints no message. */
static ALWAYS_INLINE bool brimi_find_live(const void *block, struct bin **bin, _Atomic uint8_t **state)
{
  return likely(brimi_find_block(block, bin, state)) && likely(load_folded(*state) == STATE_LIVE);
}

/* Usable bytes of a block that was found. */
static ALWAYS_INLINE size_t brimi_bytes_of(const struct bin *bin, _Atomic uint8_t *state)
{
  return likely(bin != BIN_NONE) ? brimi_classes[brimi_bin_class(bin)].bytes : brimi_slab_of(state)->usable;
}

/* Frees a block that was found. */
static ALWAYS_INLINE void brimi_free_found(void *block, struct bin *bin, _Atomic uint8_t *state)
{
  if (unlikely(load_folded(state) != STATE_LIVE)) {
    brimi_free_unknown(block);
    return;
  }
  uintptr_t distance;
  struct bin *own;
  if (unlikely(!brimi_bin_own(bin, &own, &distance))) {
    brimi_free_foreign(block, distance, state);
    return;
  }
  struct entry *top = own->top;
  if (unlikely(top == own->end)) {
    brimi_free_full(block, own, state);
    return;
  }
  own->top = top + 1;
  top[1] = (struct entry){block, state};
  store_relaxed(state, STATE_CACHED);
  /* malloc will soon return the block: its line comes to the second cache meanwhile, as if free() had left a link there. */
  __builtin_prefetch(block, 1, 2);
}

/* Frees the block of a mapping, whose entry is `span`. */
static ALWAYS_INLINE void brimi_free_mapping(void *block, struct span *span)
{
  struct heap *heap = brimi_heap_mine();
  _Atomic uint8_t *state = load_relaxed(&span->state);
  if (unlikely((uintptr_t)block != load_folded(&span->start)) || unlikely(load_folded(state) != STATE_LIVE))
    brimi_free_unknown(block);
  else if (unlikely(!brimi_large_keep_first(heap, brimi_slab_of(state), heap->slot_quiet)))
    brimi_free_large(block, state);
}

/* Outside the first leaf hardly any slab lies: a mapping is likely there. */
static ALWAYS_INLINE void brimi_free_fast(void *block)
{
  struct span *span = brimi_pagemap_first_span(block);
  if (unlikely(!span)) {
    span = brimi_pagemap_second_span(block);
    if (unlikely(!span))
      span = brimi_pagemap_root_span(block);
    /* acquire: as in brimi_find_in. */
    if (likely(span != NULL) && load_fenced(&span->inverse) == INVERSE_MAPPING && fence_acquire()) {
      brimi_free_mapping(block, span);
      return;
    }
  }
  struct bin *bin;
  _Atomic uint8_t *state;
  if (likely(brimi_find_in(span, block, &bin, &state)))
    brimi_free_found(block, bin, state);
  else
    brimi_free_unknown(block);
}

/* Whether a block of `bytes` stays where it is when it is resized. If half or less of it would be used, copying is worth it. */
static ALWAYS_INLINE bool brimi_stays(size_t bytes, size_t size)
{
  enum { WORTH_COPYING = 128 };
  return size - 1 < bytes && (size > bytes / 2 || bytes <= WORTH_COPYING);
}

/* Whether realloc has nothing to do for a live block; for a large one: whether the size needs the same pages. */
static ALWAYS_INLINE bool brimi_realloc_stays(const struct bin *bin, _Atomic uint8_t *state, size_t size)
{
  if (likely(bin != BIN_NONE))
    return brimi_stays(brimi_classes[brimi_bin_class(bin)].uncounted_bytes, size);
  return brimi_slab_of(state)->usable - size < brimi_large_uncounted;
}

#endif
