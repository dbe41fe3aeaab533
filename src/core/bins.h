/* bins.h: how much the bins of a heap hold, and how they fill and empty. The thread's own, but for what heap.h locks.
 *
 * A bin starts closed, opens with its first use, and doubles whenever it runs empty or full, up to bin_own blocks. Beyond
 * that, up to bin_max, the bins of a heap share BIN_EXTRA bytes, small blocks up to half of it; where there are few heaps
 * BIN_EXTRA_FEW; wide blocks, if that is more, a share of the host's slabs, by the threads that use them, up to BIN_EXTRA_MOST and
 * its part of BIN_EXTRA_ALL. Bins that are in use take them from the others. One of wide blocks also grows for what comes by mail,
 * and closes again when it runs full several times, and not empty. */
#ifndef BRIM_BINS_H
#define BRIM_BINS_H

#include "core/heap.h"

enum {
  BIN_EXTRA = 256 * 1024,
  BIN_EXTRA_FEW = BIN_WIDE_BYTES_MAX, /* the bin of one wide class may have all of it, twice if it insists */
  BIN_EXTRA_SHARE = 2,                /* one part in two of the bytes in the host's slabs */
  BIN_EXTRA_MOST = 2 * 1024 * 1024,
  BIN_EXTRA_ALL = 32 * 1024 * 1024, /* of all heaps, where that is less for each */
  FEW_HEAPS = 8
};

/* All bins closed and empty. What they held is forgotten. */
void brimi_bins_set_up(struct heap *heap);
/* Fills the empty bin of the class from the mailbox, or else from slabs. False if it has no bin, or memory is out. */
bool brimi_bin_refill(struct heap *heap, unsigned sc);
/* Lets the bin of the class, which is full, hold more if it may, without running full twice in a row: what others free is
 * allocated here. */
void brimi_bin_grow_for_mail(struct heap *heap, unsigned sc);
/* Pushes a CACHED block; makes room first if the bin is full. */
void brimi_bin_push(struct heap *heap, unsigned sc, struct entry entry);
/* Of the blocks in the bins of the classes from `first` on; as exact as brimi_bin_count. Any thread. */
size_t brimi_bins_bytes(struct heap *heap, unsigned first);
/* Gives every block back to its slab and closes the bins. */
void brimi_bins_flush(struct heap *heap);

#endif
