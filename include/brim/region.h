/* region.h: bump arenas. A region hands out memory from chunks by moving a mark, and gives all of it back at once.
 *
 * A region belongs to one thread at a time: it has no lock. Its chunks come from the break (sbrk), from mappings
 * (mmap) or from one buffer of the caller's. Memory is not cleared, and no block is freed by itself: never pass one
 * to brim_free(). The region keeps its bookkeeping in its chunks, and takes nothing else from the allocator. */
#ifndef BRIM_REGION_H
#define BRIM_REGION_H

#include <brim/brim.h>

#ifdef __cplusplus
extern "C" {
#endif

struct brim_region; /* opaque */

enum brim_region_source {
  BRIM_REGION_BREAK,   /* chunks from the break; from mappings where the break is refused */
  BRIM_REGION_MAPPING, /* chunks by mmap */
  BRIM_REGION_BUFFER   /* the caller's buffer; never grows */
};

/* Sizes in bytes; chunks are whole pages. Zero fields take the default. */
struct brim_region_options {
  enum brim_region_source source;
  size_t first_chunk; /* default 4096 */
  size_t max_chunk;   /* chunks double up to this; default 1 MiB, or first_chunk if that is larger. A request that
                         does not fit into such a chunk gets one of its own. */
  void *buffer; /* for BRIM_REGION_BUFFER only; the caller owns it, and keeps it until the region is destroyed */
  size_t buffer_bytes;
};

/* A point to return to. Valid until the region is rewound to an earlier one, reset or destroyed. */
struct brim_region_mark {
  void *chunk;
  size_t used;
};

/* used + free + overhead == reserved, always. */
struct brim_region_usage {
  size_t used;     /* handed out, alignment gaps included */
  size_t free;     /* left in the current chunk and in the empty chunks kept for later */
  size_t overhead; /* bookkeeping, and the ends of earlier chunks, too short for the request that came next */
  size_t reserved; /* all chunks */
  size_t chunks;
};

/* Creates a region and takes its first chunk. NULL options are all defaults, from the break. Returns NULL and ENOMEM
 * when memory is out; NULL and EINVAL for an unknown source, a buffer that can't hold the bookkeeping (some 100
 * bytes), a buffer with another source, or a max_chunk below first_chunk. */
BRIM_API struct brim_region *brim_region_create(const struct brim_region_options *options);
/* Gives every chunk back. NULL is allowed. */
BRIM_API void brim_region_destroy(struct brim_region *region);
/* Not declared with alloc_size, as brim_malloc is, since blocks may grow in place.
 *
 * `size` bytes aligned to 16. A size of 0 takes one byte, so that every block has an address of its own. Returns NULL
 * and ENOMEM when memory is out or the buffer is full; the region is then as before. */
BRIM_API void *brim_region_alloc(struct brim_region *region, size_t size);
/* The same with an alignment, a power of two (else NULL and EINVAL). With 1, blocks lie side by side. */
BRIM_API void *brim_region_alloc_aligned(struct brim_region *region, size_t alignment, size_t size);
/* Resizes the block in place, from its current size, old_size, to new_size. Shrinking always works. Growing works
 * only for the block allocated last, while its chunk has room; else returns false and changes nothing. Marks taken
 * since the block was allocated are no longer valid. */
BRIM_API bool brim_region_expand(struct brim_region *region, void *block, size_t old_size, size_t new_size);
#if defined(__GNUC__) /* warns in C++ of functions that have the names of structs */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#endif
BRIM_API struct brim_region_mark brim_region_mark(const struct brim_region *region);
/* Forgets all that was allocated after the mark. Chunks that become empty are kept for the next allocations. Returns
 * false and EINVAL, and changes nothing, if the mark is of another region or lies ahead of the current point. */
BRIM_API bool brim_region_rewind(struct brim_region *region, struct brim_region_mark mark);
/* Forgets everything; keeps the chunks. */
BRIM_API void brim_region_reset(struct brim_region *region);
/* Gives back the empty chunks kept for later, and returns their bytes. */
BRIM_API size_t brim_region_trim(struct brim_region *region);
BRIM_API struct brim_region_usage brim_region_usage(const struct brim_region *region);
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
/* Whether the address lies in memory that the region has handed out, alignment gaps included. */
BRIM_API bool brim_region_contains(const struct brim_region *region, const void *address);

#ifdef __cplusplus
}
#endif
#endif
