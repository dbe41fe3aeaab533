/* bins.h: how much the bins of a heap hold, and how they fill and empty. For the heap's own thread, except what heap.h locks.
 *
 * A bin starts closed, opens at its first use, and doubles whenever it runs empty or full, up to bin_own blocks. Beyond
 * that, up to bin_max, the bins of a heap share room: BIN_EXTRA bytes, small blocks up to half of it; where there are few
 * heaps, BIN_EXTRA_FEW for both. Wide blocks may have more: a share of the host's slabs, divided by the threads that use
 * them, up to BIN_EXTRA_MOST and each heap's part of BIN_EXTRA_ALL. Bins that are in use take room from the others. A bin
 * of wide blocks also grows for what comes by mail, and closes when it has run full several times without running empty. */
#ifndef BRIM_BINS_H
#define BRIM_BINS_H

#include "core/heap.h"

enum {
  BIN_EXTRA = 256 * 1024,
  BIN_EXTRA_FEW = BIN_WIDE_BYTES_MAX, /* one bin of wide blocks may have all of it, twice if it insists */
  BIN_EXTRA_SHARE = 2,                /* one part in two of the bytes in the host's slabs */
  BIN_EXTRA_MOST = 2 * 1024 * 1024,
  BIN_EXTRA_ALL = 32 * 1024 * 1024, /* for all heaps together, where that leaves less for each */
  FEW_HEAPS = 8
};

/* Closes and empties all bins. What they held is forgotten. */
void brimi_bins_set_up(struct heap *heap);
/* Fills the empty bin of the class from the mailbox, or else from slabs. False if it has no bin, or memory is out. */
bool brimi_bin_refill(struct heap *heap, unsigned sc);
/* Lets the full bin of the class hold more if it may, without running full twice in a row: blocks that others free
 * were allocated here, and soon are again. */
void brimi_bin_grow_for_mail(struct heap *heap, unsigned sc);
/* Pushes a CACHED block; makes room first if the bin is full. */
void brimi_bin_push(struct heap *heap, unsigned sc, struct entry entry);
/* Bytes of the blocks in the bins of the classes from `first` on; as exact as brimi_bin_count. Any thread. */
size_t brimi_bins_bytes(struct heap *heap, unsigned first);
/* Gives every block back to its slab and closes the bins. */
void brimi_bins_flush(struct heap *heap);

#endif
