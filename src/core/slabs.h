/* slabs.h: the slabs of a heap come and go: each is made of a run of granules and a record, listed while it has room, and taken
 * apart when it is empty. Any thread; the caller holds the heap's lock, but for what says otherwise. */
#ifndef BRIM_SLABS_H
#define BRIM_SLABS_H

#include "core/heap.h"

enum {
  KEPT_SHARE = 4, /* empty slabs of wide blocks that are kept: up to a quarter of what the heap's slabs had of late */
  KEPT_MOST = 4 * 1024 * 1024 /* and so many bytes */
};

/* What a new slab of the class would be like; NULL: in a heap without slabs. Without the lock a guess. */
struct slab_shape {
  uint16_t granules, blocks;
};
struct slab_shape brimi_slabs_shape(struct heap *heap, unsigned sc);
/* A slab of FREE blocks, listed; NULL if memory is out or, unless `may_touch`, if only pages that are not resident would do.
 * Adds to *grown the bytes by which the break heap grew. */
struct slab *brimi_slabs_new(struct heap *heap, unsigned sc, bool may_touch, size_t *grown);

void brimi_slabs_list(struct heap *heap, struct slab *slab);
void brimi_slabs_unlist(struct heap *heap, struct slab *slab);

/* The slab has no block out any more. It stays if it is the only one of its class with room; of wide blocks, whose memory
 * another size may need sooner, some are kept. */
void brimi_slabs_emptied(struct heap *heap, struct slab *slab);
/* Frees the slabs of the heap that have no block out, or those of them that it keeps. Returns whether it kept any. Caller holds
 * no lock. */
bool brimi_slabs_release_empty(struct heap *heap, bool only_kept);

/* Of the blocks that are FREE. */
static inline uint64_t brimi_slabs_free_bytes(struct heap *heap)
{
  return load_relaxed(&heap->slab_bytes) - load_relaxed(&heap->used_bytes);
}

/* The FREE bytes that purge.c has looked at are no more than there are. */
static inline void brimi_slabs_stay_calm(struct heap *heap)
{
  if (brimi_slabs_free_bytes(heap) < heap->calm_bytes)
    heap->calm_bytes = brimi_slabs_free_bytes(heap);
}

#endif
