/* heap.h: the bins of one thread, and slabs.
 *
 * A bin is a thread's stack of free blocks of one class: malloc pops it and free pushes on it, so that the block
 * freed last, which is in the cache, is used next. Each entry holds the block and the address of its state byte, so
 * that malloc marks the block without looking anything up. Below the first entry of each bin lies one without a
 * block: popping that is the only sign of an empty bin.
 *
 *     entries  [ no block | e1 | e2 | e3 |    |    ]
 *                                     ^top      ^end
 *
 * The entries of bins that may hold few blocks lie close together (tiers, sizeclass.h): a heap of few blocks of each
 * size has few pages of entries. A bin that grows moves its entries (bins.c).
 *
 * H1  Bins, open parcels and the fields marked "own" belong to the heap's thread. Everything else is under heap->lock,
 *     which any thread may take, unless its comment says otherwise. A thread holds at most one heap's lock.
 * H2  The states of blocks in bins are CACHED, in parcels (mail.h) SENT.
 * H3  Heaps are never freed. One whose thread has ended waits on the orphan list, bins empty, for the next thread.
 * H4  A thread without a heap has the static empty one: its bins are empty, and brimi_mine.host_bins is 0, so that
 *     every fast path falls through to the slow one without a test of its own. To the same end, the bins of every
 *     heap are empty and full at once while calls are counted.
 * H5  A thread's blocks are from the slabs of its heap's host, and so the page map names the host's bins. The host is
 *     the heap itself; with more threads than BRIM_HOSTS it may be one of the first heaps, whose lock, mailbox and slabs
 *     several threads then use. A block that one of them frees goes into its own bin, whichever of them allocated it.
 * H6  The page map leads from each granule of a heap's slabs to the slab; used_bytes, slab_bytes and kept_bytes are
 *     sums over them. */
#ifndef BRIM_HEAP_H
#define BRIM_HEAP_H

#include "core/meta.h"
#include "core/regrow.h"
#include "core/slab.h"
#include "os/lock.h"

struct parcel;
struct entry {
  void *block;
  _Atomic uint8_t *state;
};

struct bin {
  struct entry *top, *end;
};

enum { OPEN_PARCELS = 32, LARGE_SLOTS = 8 };

/* Calls that are counted under BRIM_STATS, in the order of the rows in stats.def. */
enum call { CALL_MALLOC, CALL_CALLOC, CALL_REALLOC, CALL_ALIGNED, CALL_FREE, CALLS };

/* What brings a thread to the slow path of a bin. */
enum bin_event { BIN_NO_EVENT, BIN_FULL, BIN_EMPTY };

/* A freed large block that its thread keeps. */
struct large_slot {
  /* Stays when the mapping is taken, and is not rewritten when the same one comes back, as it mostly does: the next
   * malloc() then need not wait for what free() looks up. */
  struct slab *slab;
  /* 0: taken; else its bytes, one less once a pass of purge.c has seen it, or one of the two below, which fit no request. */
  _Atomic size_t room;
};
/* CLOSED: a pass of purge.c is taking what lies there. SEEN: it could not. Odd, as a room that a pass has seen. */
enum { SLOT_CLOSED = 1, SLOT_SEEN = 3 };

struct class_slabs {
  struct slab *with_free; /* FREE blocks */
  _Atomic uint32_t n;     /* all; read without the lock by the threads whose host it is */
};

struct heap {
  struct bin bins[CLASSES]; /* own; empty for ever while calls are counted */

  /* own */
  size_t slot_max; /* bytes that the large slots may hold in all; 0 until a large block is asked for */
  size_t
      slot_quiet; /* the same, but below PURGE_MUCH: a block of at most so many goes into its slot without a word to purge.c */
  struct heap *host;  /* H5; constant while the thread lives */
  struct bin *filled; /* the bins that the slow path fills: bins, or counted_bins */
  struct entry *entries;
  struct parcel *open[OPEN_PARCELS]; /* to other heaps, by their address (mail.h) */
  uint16_t limit[CLASSES];           /* blocks that each bin may hold; 0: it is closed (bins.h) */
  uint8_t last_event[CLASSES];       /* of each bin: enum bin_event */
  uint8_t overflows[CLASSES];        /* of each bin of wide blocks: how often it ran full since it was last empty */
  uint8_t wanted[CLASSES];           /* of each bin: how often it wanted room that others had (bins.c) */
  size_t extra_bytes;                /* that the bins may hold beyond bin_own */
  struct regrow regrow;              /* what blocks that were shrunk do */
  struct own_records records[OWN_RECORD_UNITS + 1]; /* by their units (meta.c) */
  unsigned next_halved, next_given; /* the classes whose bins were looked at last, when one had to give way */
  struct bin *counted_bins;         /* while calls are counted, else NULL */
  _Atomic uint64_t calls[CALLS];
  _Atomic uint64_t open_bytes; /* in open parcels; written by the own thread, read by statistics; relaxed */

  /* Freed large blocks, the one freed last in the first slot; own, except for what purge.c does (large.h). */
  struct large_slot large_slots[LARGE_SLOTS];
  _Atomic bool is_taking; /* own thread is between its look at a slot and what it writes there */
  bool has_closed;        /* whether a slot is CLOSED; under brimi_purge_lock */

  /* Pushed to by anyone (release), taken whole by anyone (acquire). mail_bytes counts it and the inbox: relaxed. */
  _Atomic(struct parcel *) mailbox CACHE_ALIGNED;
  _Atomic(struct parcel *) inbox; /* mail taken by a thread whose host it is, and not opened; by exchange (acq_rel) */
  _Atomic size_t mail_bytes;

  /* Under lock. */
  struct lock lock CACHE_ALIGNED;
  bool torn;                 /* inherited over fork from a thread that is no more: its bins are not to be trusted */
  struct class_slabs *slabs; /* of each class; they lie behind the heap; the empty heap has none */
  /* Empty slabs of wide blocks (slabs.c), by their granules; on no other list. */
  struct slab *kept[SLAB_GRANULES_MAX + 1];
  _Atomic size_t kept_bytes;   /* of their runs; read without the lock by the threads whose host it is */
  _Atomic uint64_t used_bytes; /* of blocks that are not FREE */
  _Atomic uint64_t slab_bytes; /* of all blocks of its slabs */
  uint64_t most_bytes;         /* the most of these since the last pass of purge.c */
  uint64_t calm_bytes;         /* of the blocks FREE after the last pass of purge.c, or the fewest since */

  /* Under the registry's lock; `next` is constant once set. */
  struct heap *next, *next_orphan;
  bool torn_slabs;        /* as torn, for its slabs: what is CACHED there is in nobody's bin */
  _Atomic unsigned users; /* threads whose host it is; read without the lock, relaxed */
};

/* How many blocks the bin holds, for any thread; exact while the heap's thread neither allocates nor frees, else a
 * moment old. By the top alone: its place tells the tier that the entries are in, even while they move. */
static inline size_t brimi_bin_holds(const struct heap *heap, const struct bin *bin, const struct class_info *info)
{
  size_t index = (size_t)(__atomic_load_n(&bin->top, __ATOMIC_RELAXED) - heap->entries);
  return index - info->entries[brimi_bin_tier_at(index)];
}
static inline size_t brimi_bin_count(const struct heap *heap, unsigned sc)
{
  return brimi_bin_holds(heap, &heap->filled[sc], &brimi_classes[sc]);
}

_Static_assert(offsetof(struct heap, bins) == 0 && sizeof(struct bin[CLASSES]) <= 4096, "HEAP_ALIGN, pagemap.h");
_Static_assert(sizeof(struct bin) == 2 * sizeof(void *), "BIN_SIZE, pagemap.h");

enum { TABLE_MAX = 4096 }; /* the largest size in the table */
/* What malloc() needs to find a bin, in one object: one address leads to all of it. */
struct front {
  struct heap empty;
  /* The offset in a heap, in bytes, of the bin for a size up to TABLE_MAX, by its number of 16-byte units. A table,
   * since most programs ask for sizes at random, and a branch for each doubling would be guessed wrong. Zero before
   * brimi_heap_init: that is a bin like any other, and empty. */
  uint16_t bin_offset[TABLE_MAX / MIN_ALIGN + 1];
  _Atomic size_t bins_end; /* sizes from here on have no bin: CLASS_MAX_BYTES, or 0 before brimi_heap_init */
};
INTERNAL struct front brimi_front;
INTERNAL struct lock brimi_registry_lock;
/* How many heaps there are; relaxed: it only limits what each may keep. Written under the registry's lock. */
INTERNAL _Atomic unsigned brimi_heap_n;
/* This thread's heap. All zero means none yet, also while the loader still relocates and has not set up thread-local
 * storage. */
struct mine {
  intptr_t offset; /* its address, counted from that of the empty heap */
  /* For free(): its address and its host's. 0 while there is none, so that no bin is this thread's. */
  uintptr_t bins, host_bins;
};
INTERNAL THREAD_LOCAL struct mine brimi_mine;
/* This thread's heap, by the address of brimi_front. Never NULL. */
static ALWAYS_INLINE struct heap *brimi_heap_by(struct front *front)
{
  return (struct heap *)((uintptr_t)&front->empty + (uintptr_t)brimi_mine.offset);
}
static ALWAYS_INLINE struct heap *brimi_heap_mine(void) { return brimi_heap_by(&brimi_front); }

/* This thread's bin for the blocks of `named`, a bin in the page map. False if that is another host's, or BIN_NONE. *distance is
 * set in any case: from the first bin of this thread's host to `named`, in bytes. */
static ALWAYS_INLINE bool brimi_bin_own(const struct bin *named, struct bin **own, uintptr_t *distance)
{
  *distance = (uintptr_t)named - brimi_mine.host_bins;
  if (unlikely(*distance >= sizeof(struct bin[CLASSES])))
    return false;
  *own = (struct bin *)(brimi_mine.bins + *distance);
  return true;
}

/* Once, before any thread has a heap. */
void brimi_heap_init(void);
/* Gives this thread a heap. False if memory is out, or if the thread is past its end: it then works without bins. */
bool brimi_heap_attach(void);
/* Some heap, for a block that a thread without one asks for; NULL if there is none and memory is out. */
struct heap *brimi_heap_shared(void);
/* The first of the heaps in the order of creation, for statistics, fork and purge. */
struct heap *brimi_heap_first(void);
/* The next of them; acquire: pairs with the release in publish. */
static inline struct heap *brimi_heap_next(struct heap *heap)
{
  return __atomic_load_n(&heap->next, __ATOMIC_ACQUIRE);
}

/* Empties this thread's bins, open parcels, mailbox and large slots. */
void brimi_heap_flush(struct heap *heap);
/* In the child of a fork: the heaps of the threads that are no more become orphans. */
void brimi_heap_after_fork(void);

/* ---- the slabs of a heap: slab.c ---------------------------------------------------------------------------------- */

/* Takes up to `wanted` FREE blocks of the class; the last entry is the one to use first. Returns how many: 0 if
 * memory is out, or, unless `may_touch`, if no slab has room and a new one would need pages that are not resident. */
unsigned brimi_heap_take(struct heap *heap, unsigned sc, struct entry *entries, unsigned wanted, bool may_touch);
/* Gives blocks back to their slabs, which may be of several heaps. The blocks are CACHED or SENT, and the caller's. */
void brimi_heap_give(const struct entry *entries, unsigned count);

/* Notes that purge.c has looked at all blocks that are FREE now. */
void brimi_heap_calm(struct heap *heap);

#endif
