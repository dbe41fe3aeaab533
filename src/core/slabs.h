/* slabs.h: makes and frees the slabs of a heap. A slab is made of a run of granules and a record, listed while it has room,
 * and taken apart when it is empty. Any thread; the caller holds the heap's lock, unless a comment says otherwise. */
#ifndef BRIM_SLABS_H
#define BRIM_SLABS_H

#include "core/heap.h"

enum {
  KEPT_SHARE = 4, /* empty slabs of wide blocks are kept up to a quarter of the most that the slabs had lately */
  KEPT_MOST = 4 * 1024 * 1024 /* and at most so many bytes */
};

/* The shape of a new slab of the class; with NULL, in a heap without slabs. Without the lock, a guess. */
struct slab_shape {
  uint16_t granules, blocks;
};
struct slab_shape brimi_slabs_shape(struct heap *heap, unsigned sc);
/* A new slab of FREE blocks, listed. NULL if memory is out, or, unless `may_touch`, if only pages that are not
 * resident are left. Adds the bytes that the break heap grew by to *grown. */
struct slab *brimi_slabs_new(struct heap *heap, unsigned sc, bool may_touch, size_t *grown);

void brimi_slabs_list(struct heap *heap, struct slab *slab);
void brimi_slabs_unlist(struct heap *heap, struct slab *slab);

/* For a slab that has no block out any more. It stays if it is the only one of its class with room. One of wide
 * blocks, whose memory another size may need sooner, is kept for any class, or freed. */
void brimi_slabs_emptied(struct heap *heap, struct slab *slab);
/* Frees the heap's slabs that have no block out; if `only_kept`, just those that it keeps. Returns whether it kept
 * any. Caller holds no lock. */
bool brimi_slabs_release_empty(struct heap *heap, bool only_kept);

/* Bytes of the blocks that are FREE. */
static inline uint64_t brimi_slabs_free_bytes(struct heap *heap)
{
  return load_relaxed(&heap->slab_bytes) - load_relaxed(&heap->used_bytes);
}

/* Lowers calm_bytes, the FREE bytes that purge.c has looked at, to those that there are. */
static inline void brimi_slabs_stay_calm(struct heap *heap)
{
  if (brimi_slabs_free_bytes(heap) < heap->calm_bytes)
    heap->calm_bytes = brimi_slabs_free_bytes(heap);
}

#endif
