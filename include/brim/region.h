/* region.h: bump arenas. A region hands out memory from chunks by moving a mark, and gives all of it back at once.
 *
 * A region belongs to one thread at a time: it has no lock. Its chunks come from the break (sbrk), from mappings (mmap)
 * or from one buffer of the caller's. Memory is not cleared, and there is no free: brim_free() must not see it. The
 * region's own bookkeeping lies in its chunks: it takes nothing from the allocator beside them. */
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
  void *buffer; /* for BRIM_REGION_BUFFER only; stays the caller's, who keeps it until the region is destroyed */
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
  size_t overhead; /* bookkeeping, and the ends of earlier chunks that were too short for the request that came */
  size_t reserved; /* all chunks */
  size_t chunks;
};

/* NULL and ENOMEM when memory is out; NULL and EINVAL for options that make no sense: an unknown source, a buffer that
 * can't hold the bookkeeping (some 100 bytes), a buffer for another source, max_chunk below first_chunk. NULL options
 * are all defaults over the break. Takes the first chunk. */
BRIM_API struct brim_region *brim_region_create(const struct brim_region_options *options);
/* Gives every chunk back. NULL is allowed. */
BRIM_API void brim_region_destroy(struct brim_region *region);
/* No compiler is told the sizes of blocks, as those of brim_malloc: they may grow where they are.
 *
 * `size` bytes aligned to 16. A size of 0 takes one byte, so that every block has an address of its own. NULL and ENOMEM
 * when memory is out or the buffer is full: the region stays as it was. */
BRIM_API void *brim_region_alloc(struct brim_region *region, size_t size);
/* The same with an alignment, a power of two (else NULL and EINVAL). With 1, blocks lie side by side. */
BRIM_API void *brim_region_alloc_aligned(struct brim_region *region, size_t alignment, size_t size);
/* Resizes the block where it is, from old_size, the size that it has, to new_size. Shrinking always works. Growing works
 * for the block allocated last, while its chunk has room; else false, and nothing has changed. Marks taken since the
 * block was allocated are no longer valid. */
BRIM_API bool brim_region_expand(struct brim_region *region, void *block, size_t old_size, size_t new_size);
BRIM_API struct brim_region_mark brim_region_mark(const struct brim_region *region);
/* Forgets all that was allocated after the mark. Chunks that become empty are kept for the next allocations. Returns
 * false, with EINVAL and nothing changed, if the mark is not of this region or lies ahead. */
BRIM_API bool brim_region_rewind(struct brim_region *region, struct brim_region_mark mark);
/* Forgets everything; keeps the chunks. */
BRIM_API void brim_region_reset(struct brim_region *region);
/* Gives the empty chunks kept for later back, and returns their bytes. */
BRIM_API size_t brim_region_trim(struct brim_region *region);
BRIM_API struct brim_region_usage brim_region_usage(const struct brim_region *region);
/* Whether the address lies in memory that the region has handed out, alignment gaps included. */
BRIM_API bool brim_region_contains(const struct brim_region *region, const void *address);

#ifdef __cplusplus
}
#endif
#endif
