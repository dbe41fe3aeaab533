/* region.h: bump arenas. A region hands out memory from chunks by moving a mark, and gives all of it back at once.
 *
 * A region belongs to one thread at a time: it has no lock. Its chunks come from the break (sbrk), from mappings (mmap)
 * or from one buffer of the caller's. Memory is not cleared. */
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
  size_t max_chunk;   /* chunks double up to this; default 1 MiB. A request that is larger gets a chunk of its own. */
  void *buffer;       /* for BRIM_REGION_BUFFER: the region's own bookkeeping lies in it too */
  size_t buffer_bytes;
};

/* A point to return to. Valid until the region is rewound to an earlier one, reset or destroyed. */
struct brim_region_mark {
  void *chunk;
  size_t used;
};

struct brim_region_usage {
  size_t used;     /* handed out, alignment gaps included */
  size_t free;     /* left in the current chunk and in the chunks kept behind it */
  size_t reserved; /* all chunks, bookkeeping included */
  size_t chunks;
};

/* NULL and ENOMEM when memory is out; NULL and EINVAL for options that make no sense (a buffer that is too small). NULL
 * options are all defaults over the break. */
BRIM_API struct brim_region *brim_region_create(const struct brim_region_options *options);
/* Gives every chunk back. NULL is allowed. */
BRIM_API void brim_region_destroy(struct brim_region *region);
/* `size` bytes aligned to 16. NULL and ENOMEM when memory is out or the buffer is full: the region stays as it was. */
BRIM_API void *brim_region_alloc(struct brim_region *region, size_t size);
/* The same with an alignment, a power of two (else NULL and EINVAL). */
BRIM_API void *brim_region_alloc_aligned(struct brim_region *region, size_t alignment, size_t size);
BRIM_API struct brim_region_mark brim_region_mark(const struct brim_region *region);
/* Forgets all that was allocated after the mark. Chunks that become empty are kept for the next allocations. Returns
 * false, with EINVAL and nothing changed, if the mark is not of this region or lies ahead. */
BRIM_API bool brim_region_rewind(struct brim_region *region, struct brim_region_mark mark);
/* Forgets everything; keeps the chunks. */
BRIM_API void brim_region_reset(struct brim_region *region);
BRIM_API struct brim_region_usage brim_region_usage(const struct brim_region *region);
/* Whether the address lies in memory that the region has handed out. */
BRIM_API bool brim_region_contains(const struct brim_region *region, const void *address);

#ifdef __cplusplus
}
#endif
#endif
