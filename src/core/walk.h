/* walk.h: every slab of the break heap, by the entries of the page map. Any thread; no lock is held. A slab may come
 * or go meanwhile, so the visitor gets its address and the heap that owned it: under that heap's lock,
 * brimi_walk_slab says whether it still stands there. */
#ifndef BRIM_WALK_H
#define BRIM_WALK_H

#include "core/slab.h"

void brimi_walk_slabs(void (*visit)(struct heap *heap, void *start, void *context), void *context);
/* The slab at an address, if it is of the heap; NULL if not. Caller holds the heap's lock. */
struct slab *brimi_walk_slab(struct heap *heap, void *start);

#endif
