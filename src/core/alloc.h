/* alloc.h: the calls that the API is made of. None sets errno; NULL means that memory is out. */
#ifndef BRIM_ALLOC_H
#define BRIM_ALLOC_H

#include "base/compiler.h"
#include "core/slab.h"
#include <stdbool.h>
#include <stddef.h>

struct bin;

/* What the fast paths leave over. */
NOINLINE void *brimi_malloc_slow(size_t size);
NOINLINE void *brimi_calloc_slow(size_t bytes);
/* A live block that brimi_find_block has found; `size` is not 0. */
void *brimi_realloc_slow(void *block, size_t size, struct bin *bin, _Atomic uint8_t *state);
/* The bin is full: `own` is this thread's. */
NOINLINE void brimi_free_full(void *block, struct bin *own, _Atomic uint8_t *state);
/* The block's bin is not this thread's: `distance` as brimi_bin_own leaves it. */
NOINLINE void brimi_free_foreign(void *block, uintptr_t distance, _Atomic uint8_t *state);
/* A large block that has not gone into the first large slot. */
NOINLINE void brimi_free_large(void *block, _Atomic uint8_t *state);
/* Any block, once neither an open parcel nor the first large slot has taken it. */
NOINLINE void brimi_free_entered(void *block, struct bin *bin, _Atomic uint8_t *state);
COLD void brimi_free_unknown(void *block);

/* `alignment` is a power of two. */
void *brimi_aligned(size_t alignment, size_t size);
/* In place only. */
bool brimi_expand(void *block, size_t size);
/* What a request takes: a class's block, or pages; 0 if it is too large. */
size_t brimi_block_bytes(size_t size);

/* Changes the threshold while the program runs: from now on for this thread, and for others once they start or refill. */
void brimi_set_threshold(int64_t bytes);

#endif
