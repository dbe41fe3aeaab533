/* chunk.h: memory of the break heap for callers that cut it up themselves (regions): a block of a slab, or granules of its
 * own. A mapping where the break is refused, or, below 128 KiB, from the threshold up. Counted and freed as any block. */
#ifndef BRIM_CHUNK_H
#define BRIM_CHUNK_H

#include <stddef.h>

/* At least `bytes`, aligned to 16; NULL if memory is out. */
void *brimi_chunk_alloc(size_t bytes);
void brimi_chunk_free(void *chunk);

#endif
