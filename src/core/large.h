/* large.h: blocks from the threshold up: a mapping each, or, where mappings are refused, granules of the break heap.
 *
 * A freed mapping is kept for reuse, resident, at three places, each tried before the next:
 *   hot    one small mapping per thread, taken and put without an atomic operation
 *   slots  a few per thread, which any thread may take from (purge.c does, when they have lain idle)
 *   pool   all others, under one lock, oldest first out; those that lie side by side are joined (pool.h)
 * One of them serves a request if at most an eighth of it is left over. If none is, one of another size is cut or grown before
 * the system is asked for fresh pages. Half of BRIM_CACHE_MAX bounds a thread's slots, the other half the pool, which may
 * hold BRIM_CACHE_SHARE of all that is mapped if that is more. They give way to a break heap that grows. */
#ifndef BRIM_LARGE_H
#define BRIM_LARGE_H

#include "core/heap.h"
#include "core/purge.h"
#include "os/os.h"

enum { HOT_LARGE_MAX = 512 * 1024 };

/* A block of at least `bytes` usable; `alignment` is a power of two. *is_zero says whether it reads as zero. NULL if
 * memory is out. `heap` is the caller's own, or the empty one. */
void *brimi_large_alloc(struct heap *heap, size_t bytes, size_t alignment, bool *is_zero);
/* The same from the break heap, whatever the threshold; from a mapping where the break is refused. */
void *brimi_large_alloc_break(size_t size);
/* For a signal handler that interrupted the allocator on its own thread: a mapping, made without a lock. */
COLD void *brimi_large_alloc_apart(size_t size, bool *is_zero);
/* The block's state is LIVE, and the caller's to change. */
void brimi_large_free(struct heap *heap, struct slab *slab);
/* Resizes to at least `bytes` usable; returns where the block is now, or NULL and nothing changed. */
void *brimi_large_resize(struct slab *slab, size_t bytes, bool may_move);

/* Clears a block that was in use before; returns it. */
void *brimi_large_clear(void *block, size_t bytes);

/* The smallest usable size that serves a request, or 0 if it is too large. */
size_t brimi_large_bytes(size_t size);

/* Mappings of large blocks, cached ones included, and their bytes; relaxed. */
INTERNAL _Atomic size_t brimi_large_mapped_n, brimi_large_mapped_bytes;
/* False where the calls about cached blocks have nothing to do: a program without large blocks then has none of their code
 * resident. */
static inline bool brimi_large_any(void) { return load_relaxed(&brimi_large_mapped_n); }

/* Moves the heap's cached blocks to the pool; own thread only. */
void brimi_large_flush(struct heap *heap);
/* Moves what is in this heap's slots to the pool and unmaps its mappings, the oldest first, until `bytes` are given up: the
 * break heap has grown by as much. */
void brimi_large_give_up(struct heap *heap, size_t bytes);
/* Unmaps cached blocks: all, or those freed before tick `epoch`. Returns bytes. */
size_t brimi_large_purge(uint32_t epoch);

/* Whether a cached mapping may serve a request of `bytes`, however many: it holds it, and at most an eighth of it is left over. */
static ALWAYS_INLINE bool brimi_large_serves(const struct slab *slab, size_t bytes)
{
  return slab && slab->bytes - bytes <= slab->bytes / 8;
}
static inline bool brimi_large_serves_aligned(const struct slab *slab, size_t bytes, size_t alignment)
{
  return brimi_large_serves(slab, bytes) && is_aligned(slab->start, alignment);
}

/* The pair of a large malloc and free of one thread, without a lock and without looking further; NULL or false if that
 * is not what it is. The heap that counts calls, and the empty one, keep nothing here: their hot_max and
 * slot_max are 0. */
static ALWAYS_INLINE void *brimi_large_alloc_fast(struct heap *heap, size_t size)
{
  struct slab *slab = load_relaxed(&heap->hot_large);
  if (likely(brimi_large_serves(slab, size)))
    store_relaxed(&heap->hot_large, NULL);
  /* acquire: pairs with the release in brimi_large_free_slot and in large.c. Others may have taken it meanwhile. */
  else if (!brimi_large_serves(load_relaxed(&heap->large_slots[0]), size) ||
           !(slab = exchange_acquire(&heap->large_slots[0], NULL)))
    return NULL;
  slab->usable = align_up(size, brimi_page_bytes);
  store_relaxed(&slab->state[0], STATE_LIVE);
  return (void *)slab->start;
}

/* Into the place that needs no atomic operation. */
static ALWAYS_INLINE bool brimi_large_free_hot(struct heap *heap, struct slab *slab)
{
  if (slab->granules || slab->bytes > heap->hot_max || load_relaxed(&heap->hot_large))
    return false;
  store_relaxed(&slab->state[0], STATE_CACHED);
  store_relaxed(&heap->hot_large, slab);
  return true;
}

/* Into the first slot, if that is empty: also what is small enough for the other place, where another lies. */
static ALWAYS_INLINE bool brimi_large_free_slot(struct heap *heap, struct slab *slab)
{
  size_t bytes = slab->bytes;
  if (slab->granules || bytes > heap->slot_max || load_relaxed(&heap->large_slots[0]))
    return false;
  store_relaxed(&slab->state[0], STATE_CACHED);
  slab->epoch = load_relaxed(&brimi_purge_tick);
  store_release(&heap->large_slots[0], slab);
  brimi_purge_poll(bytes);
  return true;
}

struct large_usage {
  size_t mapped_bytes, mapped_n; /* mappings, cached ones included */
  size_t break_bytes;            /* large blocks in the break heap */
  size_t cached_bytes;           /* of the mapped, free and kept for reuse */
};
void brimi_large_usage(struct large_usage *usage);

#endif
