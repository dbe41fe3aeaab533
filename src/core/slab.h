/* slab.h: the descriptor of a slab, and the state of each block in it.
 *
 * A slab is a run of granules cut into equal blocks of one class. A large block is a slab with a single block. The
 * descriptor lies in metadata, apart from user memory, and is never unmapped: a stale pointer to one reads a descriptor.
 *
 *     descriptor   start  inverse  heap  class ...        user memory   start
 *                  state[0] state[1] state[2] ...    <->                [block 0][block 1][block 2] ...[tail]
 *
 * One byte a block says who has it. That byte is what makes double frees certain to be found, lets a page be given back
 * while its neighbours live, and keeps every link out of user memory: a write after free can reach none of it.
 *
 * I1  A block is FREE in its slab, CACHED in one thread's bin, SENT in a parcel, or LIVE with the program.
 * I2  used == number of blocks that are not FREE.
 * I3  A slab with FREE blocks and an owner is on the owner's list of its class, exactly once, unless it is kept
 *     (slabs.c); a full one is on no list.
 * I4  Every change from or to FREE happens under the owner heap's lock. All others are made without a lock, by the one thread
 *     that holds the block: CACHED <-> LIVE, LIVE -> SENT, and SENT -> CACHED. The last is made by a thread whose host is the
 *     owner, once it has taken the block from the mailbox. Hence a block that a holder of the lock sees FREE stays FREE.
 * I5  FREE_ZERO blocks, and the CACHED_ZERO blocks that they become, read as zero.
 * I6  A slab that its heap keeps has wide blocks, all of them FREE, and is on the list of its length, exactly once.
 */
#ifndef BRIM_SLAB_H
#define BRIM_SLAB_H

#include "base/atomic.h"
#include "core/sizeclass.h"

struct heap;

/* STATE_TAKEN is set in every state but the two FREE ones; STATE_HELD in SENT and the two CACHED ones, of blocks on
 * their way to or from the program. */
enum block_state {
  STATE_FREE_ZERO = 0x00,
  STATE_FREE = 0x01,
  STATE_HELD = 0x40,
  STATE_TAKEN = 0x80,
  STATE_LIVE = 0x82,
  STATE_CACHED_ZERO = 0xc0,
  STATE_CACHED = 0xc1,
  STATE_SENT = 0xc3,   /* freed by another thread, on its way to the heap */
  STATE_PADDING = 0xff /* behind the last block */
};

enum purge_age { PURGE_DONE, PURGE_YOUNG, PURGE_OLD };

/* The `inverse` of a large block says what it lies in; by it, only offset 0 has an index. */
enum { INVERSE_MAPPING = 1, INVERSE_GRANULES = 2 };

struct slab {
  /* Constant while the slab has blocks out. free() reads copies, in the page map. */
  uintptr_t start;
  uint64_t inverse;  /* of the block size; INVERSE_MAPPING or INVERSE_GRANULES for a large block */
  struct heap *heap; /* NULL for a large block */
  uint16_t sc;       /* NO_CLASS for a large block */
  uint16_t granules; /* 0 for a mapping */
  uint16_t blocks;
  union {
    struct { /* under the owner's lock */
      uint16_t used;
      uint16_t first_free; /* no FREE block below this index */
    };
    uint32_t epoch; /* of a freed mapping: the tick when it was freed; for its holder only */
  };
  bool listed;               /* under the owner's lock */
  _Atomic uint8_t purgeable; /* enum purge_age: blocks became FREE since the pages were last given back */
  union {
    struct slab *next; /* the owner's list of its class, or of those it keeps */
    size_t usable;     /* of a live large block, a multiple of the page size */
  };
  struct slab *previous;
  size_t bytes; /* of a large block: all of it, a multiple of the page size; for its holder only */
  _Atomic uint8_t state[];
};
_Static_assert(sizeof(struct slab) <= 64, "one cache line before the states");

/* States are padded to whole words, with at least one byte of padding: an address in the tail has its index. */
static inline size_t brimi_slab_states(size_t blocks) { return align_up(blocks + 1, 8); }

/* Bytes of metadata for a slab of so many blocks. */
static inline size_t brimi_slab_record(size_t blocks) { return sizeof(struct slab) + brimi_slab_states(blocks); }

static inline size_t brimi_slab_block_bytes(const struct slab *slab)
{
  return slab->sc == NO_CLASS ? slab->usable : brimi_classes[slab->sc].bytes;
}

/* Bytes of its run. */
static inline size_t brimi_slab_run_bytes(const struct slab *slab) { return (size_t)slab->granules << GRANULE_SHIFT; }

/* ceil(2^64 / bytes) of a block size: at least 16. */
static inline uint64_t brimi_inverse(uint32_t bytes) { return UINT64_MAX / bytes + 1; }

/* The index of the block that starts `offset` bytes behind the slab's start. False if none starts there.
 *
 * For d = block bytes and M = brimi_inverse(d), offset * M = q * 2^64 + r has q = offset / d and r < M exactly when d divides
 * offset, for offset < 2^32 (Lemire, Kaser, Kurz: Faster remainder by direct computation, 2019). An offset in the tail
 * gives an index of padding or beyond; a slab is at most 128 KiB, so that the product cannot wrap there. */
static ALWAYS_INLINE bool brimi_block_index(uint64_t inverse, uintptr_t offset, size_t *index)
{
  unsigned __int128 product = (unsigned __int128)offset * inverse;
  *index = (size_t)(product >> 64);
  return likely((uint64_t)product < inverse);
}

#endif
