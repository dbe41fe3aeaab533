/* large.h: blocks from the threshold up: a mapping each, or, where mappings are refused, granules of the break heap.
 *
 * A freed mapping is kept for reuse, resident, in one of two places, tried in this order:
 *   slots  a few per thread, taken and filled without an atomic read-modify-write; purge.c empties those that have lain idle
 *   pool   all others, under one lock, oldest first out; those that lie side by side are joined (pool.h)
 * A mapping serves a request if at most an eighth of it is left over. If none does, one of another size is cut or
 * grown before the system is asked for fresh pages. Half of BRIM_CACHE_MAX bounds a thread's slots (except that the
 * first one takes a block of up to as much without a look at the others), the other half the pool, which may hold
 * more: pool_bound in large.c. Both give way to a break heap that grows. */
#ifndef BRIM_LARGE_H
#define BRIM_LARGE_H

#include "core/heap.h"
#include "core/purge.h"
#include "os/os.h"

/* The most bytes of a block that is cut from the break heap. */
#define LARGE_BREAK_MAX ((size_t)UINT16_MAX << GRANULE_SHIFT)

/* A block of at least `bytes` usable; `alignment` is a power of two. *is_zero says whether it reads as zero. NULL if
 * memory is out. `heap` is the caller's own, or the empty one. */
void *brimi_large_alloc(struct heap *heap, size_t bytes, size_t alignment, bool *is_zero);
/* The same from the break heap, whatever the threshold; from a mapping where the break is refused. */
void *brimi_large_alloc_break(size_t size);
/* For a signal handler that interrupted the allocator on its own thread: a mapping, made without a lock. */
COLD void *brimi_large_alloc_apart(size_t size, size_t alignment, bool *is_zero);
/* The block's state is LIVE, and the caller's to change. */
void brimi_large_free(struct heap *heap, struct slab *slab);
/* Resizes to at least `bytes` usable; returns where the block is now, or NULL and nothing changed. */
void *brimi_large_resize(struct slab *slab, size_t bytes, bool may_move);

/* Clears a block that was in use before; returns it. */
void *brimi_large_clear(void *block, size_t bytes);

/* The smallest usable size that serves a request, or 0 if it is too large. */
size_t brimi_large_bytes(size_t size);

/* A page's bytes, or 0 while calls are counted: realloc then leaves its fast path. Written before threads exist. */
INTERNAL size_t brimi_large_uncounted;

/* Mappings of large blocks, cached ones included, and their bytes; relaxed. */
INTERNAL _Atomic size_t brimi_large_mapped_n, brimi_large_mapped_bytes;
/* False if there are no mappings, so that the calls about cached ones have nothing to do: in a program without large
 * blocks none of their code becomes resident. */
static inline bool brimi_large_any(void) { return load_relaxed(&brimi_large_mapped_n); }

/* Moves the heap's cached blocks to the pool; own thread only. */
void brimi_large_flush(struct heap *heap);
/* For a break heap that has grown by `bytes`: moves what is in this thread's slots to the pool, and unmaps the pool's
 * mappings, the oldest first, until as much is given up. */
void brimi_large_give_up(size_t bytes);
/* Unmaps cached blocks: those freed before tick `epoch`, the current one, or all if it is UINT32_MAX. Returns bytes.
 * Caller holds brimi_purge_lock. */
size_t brimi_large_purge(uint32_t epoch);

/* Whether a cached mapping of `room` bytes may serve a request of `bytes`, any number above 4 KiB: it holds them, and
 * at most an eighth of it is left over. False for the room of an empty or closed slot. */
static ALWAYS_INLINE bool brimi_large_fits(size_t room, size_t bytes) { return room - bytes <= room / 8; }
static inline bool brimi_large_serves(const struct slab *slab, size_t bytes, size_t alignment)
{
  return slab && brimi_large_fits(slab->bytes, bytes) && is_aligned(slab->start, alignment);
}

/* ---- slots; own thread only --------------------------------------------------------------------------------------- */

/* 0: the slot is empty, and stays so until this thread fills it. acquire: pairs with open_slots. */
static ALWAYS_INLINE size_t brimi_large_room(const struct large_slot *slot) { return load_acquire(&slot->room); }

/* Fills an empty slot with a mapping of `bytes`. release: pairs with close_slots. */
static ALWAYS_INLINE void brimi_large_fill(struct large_slot *slot, struct slab *slab, size_t bytes)
{
  if (unlikely(slot->slab != slab))
    slot->slab = slab;
  store_release(&slot->room, bytes);
}

/* These two enclose a look at a slot and the store that empties it. They fence the compiler only: brimi_large_purge
 * has the system pass a fence on each thread. */
static ALWAYS_INLINE void brimi_large_begin_take(struct heap *heap)
{
  store_relaxed(&heap->is_taking, true);
  atomic_signal_fence(memory_order_seq_cst);
}
static ALWAYS_INLINE void brimi_large_end_take(struct heap *heap) { store_release(&heap->is_taking, false); }

/* Large malloc and free of one thread by turns, without a lock: the first slot only; NULL or false if that does not
 * serve. A heap that counts calls, the empty one, and that of a thread that has asked for no large block keep nothing
 * here: their slot_max is 0. */
static ALWAYS_INLINE void *brimi_large_alloc_fast(struct heap *heap, size_t size)
{
  struct large_slot *slot = heap->large_slots;
  brimi_large_begin_take(heap);
  bool fits = brimi_large_fits(load_relaxed(&slot->room), size);
  struct slab *slab = slot->slab;
  if (likely(fits))
    store_relaxed(&slot->room, 0);
  brimi_large_end_take(heap);
  if (unlikely(!fits))
    return NULL;
  slab->usable = align_up(size, brimi_page_bytes);
  store_relaxed(&slab->state[0], STATE_LIVE);
  return KNOWN((void *)slab->start);
}

/* Of at most so many bytes: the heap's slot_quiet, or slot_max, where the caller tells purge.c of a block that is much. */
static ALWAYS_INLINE bool brimi_large_keep_first(struct heap *heap, struct slab *slab, size_t most)
{
  struct large_slot *slot = heap->large_slots;
  size_t bytes = slab->bytes;
  if (unlikely(bytes > most) || unlikely(load_fenced(&slot->room)) || !fence_acquire())
    return false;
  store_relaxed(&slab->state[0], STATE_CACHED);
  brimi_large_fill(slot, slab, bytes);
  return true;
}

struct large_usage {
  size_t mapped_bytes, mapped_n; /* mappings, cached ones included */
  size_t break_bytes;            /* large blocks in the break heap */
  size_t cached_bytes;           /* of the mapped, free and kept for reuse */
};
void brimi_large_usage(struct large_usage *usage);

#endif
