/* sizeclass.h: which block size serves a request.
 *
 * Multiples of 16 up to 256, then eight classes per doubling up to 128 KiB: above 128 bytes, a block is at most 12.5
 * % larger than the request that it serves. Class 0 serves malloc(0) with 16 bytes, so that the class of a small size
 * is its number of 16-byte units, without a branch. Larger requests have no class. Pure. */
#ifndef BRIM_SIZECLASS_H
#define BRIM_SIZECLASS_H

#include "base/bits.h"
#include "base/compiler.h"

enum {
  MIN_ALIGN = 16,
  FINE_MAX = 256,
  FINE_CLASSES = 1 + FINE_MAX / MIN_ALIGN, /* 16 for size 0; 16, 32, ... 256 */
  PER_DOUBLING = 8,
  DOUBLINGS = 9, /* 256 to 128 KiB */
  CLASSES = FINE_CLASSES + DOUBLINGS * PER_DOUBLING,
  CLASS_MAX_BYTES = FINE_MAX << DOUBLINGS, /* 131072 */
  BIN_BLOCKS = 128,                        /* most in a bin, except of tiny blocks */
  BIN_TINY_MAX = 256,                      /* most tiny blocks in a bin, within these bytes: */
  BIN_TINY_BYTES_MAX = 16 * 1024,
  BIN_BYTES = 8192,                /* in a bin in any case, except of wide blocks */
  BIN_BYTES_MAX = 64 * 1024,       /* the most, while there is shared room (bins.h) */
  BIN_WIDE_MAX = 32,               /* most wide blocks in a bin */
  BIN_WIDE_BYTES_MAX = 512 * 1024, /* and their bytes */
  BIN_FIRST_BLOCKS = 8,            /* in a bin that has just been opened */
  BIN_FIRST_BYTES = 2048,
  /* A bin has its entries in one of three places, by how many it may hold (heap.h). */
  BIN_TIERS = 3,
  BIN_TIER_0 = 8,
  BIN_TIER_1 = 32,
  BIN_TIER_1_AT = 1 << 10, /* indices of a tier's first entries; unit/sizeclass checks that the lower tiers fit */
  BIN_TIER_2_AT = 1 << 12,
  /* The first class of wide blocks, those above 4 KiB. A bin holds one of them in any case. */
  WIDE_FROM = FINE_CLASSES + 4 * PER_DOUBLING,
  NO_CLASS = CLASSES, /* of a large block */
  GRANULE_SHIFT = 14,
  GRANULE = 1 << GRANULE_SHIFT, /* unit of the break heap, at any page size */
  SLAB_GRANULES_MAX = 8         /* one block of the last class fills such a slab */
};

struct class_info {
  uint32_t bytes;              /* of a block */
  uint16_t granules;           /* of a slab */
  uint16_t blocks;             /* in a slab */
  uint16_t bin_first;          /* blocks that a thread's bin may hold at first */
  uint16_t bin_own;            /* in any case */
  uint16_t bin_max;            /* the most, while there is room for them (bins.h) */
  uint16_t entries[BIN_TIERS]; /* where the bin's entries begin in the heap's array, by tier */
  uint32_t uncounted_bytes;    /* bytes, or 0 while calls are counted: realloc then leaves its fast path */
};
/* Filled by brimi_sizeclass_init and brimi_heap_init, constant afterwards. */
INTERNAL struct class_info brimi_classes[CLASSES];
/* Entries of all bins of a heap, including sentinels and what the tiers leave over. */
INTERNAL uint32_t brimi_bin_entries;
void brimi_sizeclass_init(void);

/* The tier in which a bin with this limit has its entries. */
static inline unsigned brimi_bin_tier(unsigned limit)
{
  return (unsigned)(limit > BIN_TIER_0) + (unsigned)(limit > BIN_TIER_1);
}
/* The tier of an entry, by its index. */
static inline unsigned brimi_bin_tier_at(size_t index)
{
  return (unsigned)(index >= BIN_TIER_1_AT) + (unsigned)(index >= BIN_TIER_2_AT);
}

/* The class of a size with FINE_MAX < size <= CLASS_MAX_BYTES. With b = size - 1, the position of b's highest bit is
 * the doubling, and the three bits below it are the step within it. */
static ALWAYS_INLINE unsigned brimi_class_of_coarse(size_t size)
{
  size_t below = size - 1;
  unsigned top = highest_bit(below);
  return FINE_CLASSES + ((top - 8) << 3) + (unsigned)((below >> (top - 3)) & 7);
}

/* The smallest class that holds 0 <= size <= CLASS_MAX_BYTES. */
static ALWAYS_INLINE unsigned brimi_class_of(size_t size)
{
  if (likely(size <= FINE_MAX))
    return (unsigned)((size + (MIN_ALIGN - 1)) >> 4);
  return brimi_class_of_coarse(size);
}

static inline bool brimi_is_wide(unsigned sc) { return sc >= WIDE_FROM; }

static inline size_t brimi_class_bytes(unsigned sc)
{
  if (sc < FINE_CLASSES)
    return (size_t)(sc + !sc) * MIN_ALIGN;
  unsigned coarse = sc - FINE_CLASSES;
  return (size_t)(PER_DOUBLING + coarse % PER_DOUBLING + 1) << (coarse / PER_DOUBLING + 5);
}

#endif
