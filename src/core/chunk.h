/* chunk.h: memory of the break heap for those who cut it themselves (regions): a block of a slab, or granules of its own;
 * a mapping where the break is refused, or the threshold is below its size. Counted and freed as any block. */
#ifndef BRIM_CHUNK_H
#define BRIM_CHUNK_H

#include <stddef.h>

/* At least `bytes`, aligned to 16; NULL if memory is out. */
void *brimi_chunk_alloc(size_t bytes);
void brimi_chunk_free(void *chunk);

#endif
