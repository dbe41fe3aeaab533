/* mail.h: blocks freed by a thread whose host is another than theirs, on their way to their host.
 *
 * A thread gathers them in parcels, one for each heap that it sends to, and puts a full parcel into that heap's mailbox, a
 * stack that anyone pushes to without a lock. A thread whose host is that heap takes the whole stack when a bin has run dry,
 * opens as many parcels as fill the bin, and leaves the rest in the host's inbox for the next time. A thread that sleeps or
 * has ended does not: then whoever sends to a mailbox that holds much, or purge.c, delivers the mail to the slabs instead.
 *
 *     sender  open[3] -> [ parcel to heap 3 ]      heap 3  mailbox -> [ parcel ] -> [ parcel ] -> NULL
 *                                                       inbox   -> [ parcel ] -> NULL
 *
 * The states of blocks in parcels are SENT. A parcel that is taken from a mailbox belongs to whoever took it. */
#ifndef BRIM_MAIL_H
#define BRIM_MAIL_H

#include "core/heap.h"
#include "core/pagemap.h"

enum {
  /* Whole parcels fill a bin, so that neighbouring blocks stay together, and so do their states. */
  PARCEL_BLOCKS = BIN_BLOCKS / 2,
  /* A parcel of PARCEL_BYTES is full, so that a thread holds back hardly more for one heap; but not before it has
   * PARCEL_FEW blocks: wide ones, too, go several at a time. */
  PARCEL_BYTES = 64 * 1024,
  PARCEL_FEW = 8
};

struct parcel {
  struct parcel *next; /* in a mailbox or an inbox */
  struct heap *to;
  uint32_t count;
  uint32_t bytes; /* of its blocks */
  void *blocks[PARCEL_BLOCKS];
};

/* By the heap's address, a multiple of 4 KiB: the heap itself, which its thread writes to all the time, is not read. */
static inline unsigned brimi_mail_slot(const struct heap *heap) { return ((uintptr_t)heap >> 12) % OPEN_PARCELS; }

static ALWAYS_INLINE bool brimi_mail_is_full(const struct parcel *parcel)
{
  return parcel->count == PARCEL_BLOCKS || (parcel->bytes >= PARCEL_BYTES && parcel->count >= PARCEL_FEW);
}

/* Puts a block that was LIVE into the open parcel to its bin's heap; false, and nothing is done, if there is none
 * with room. `from` is the caller's own heap. A full parcel is sent when the next block comes. */
static ALWAYS_INLINE bool brimi_mail_pack(struct heap *from, const struct bin *bin, void *block,
                                          _Atomic uint8_t *state)
{
  struct heap *to = brimi_bin_heap(bin);
  struct parcel *parcel = from->open[brimi_mail_slot(to)];
  if (unlikely(!parcel || parcel->to != to || brimi_mail_is_full(parcel)))
    return false;
  store_relaxed(state, STATE_SENT);
  uint32_t bytes = brimi_classes[brimi_bin_class(bin)].bytes;
  parcel->blocks[parcel->count++] = block;
  parcel->bytes += bytes;
  bump_relaxed(&from->open_bytes, bytes);
  return true;
}

/* The same; if the open parcel has no room, or is another heap's, it is sent and a new one opened. */
void brimi_mail_send(struct heap *from, const struct bin *bin, void *block, _Atomic uint8_t *state);

/* Whether there is mail for the slabs that the heap's thread uses. */
static inline bool brimi_mail_waits(struct heap *heap)
{
  return load_relaxed(&heap->host->mailbox) || load_relaxed(&heap->host->inbox);
}

/* Gives the blocks in the caller's open parcels to their slabs. A parcel of a few blocks that waited in the mailbox
 * of a thread, perhaps of one that has ended, would keep more memory than it brings. */
void brimi_mail_open_all(struct heap *from);
/* Opens parcels that came to the caller's host, at least one, until the bin of class `sc` has no room for another.
 * Blocks of other classes go into their bins, small ones up to a quarter of each, and else to their slabs. */
void brimi_mail_receive(struct heap *own, unsigned sc);
/* Empties any heap's mailbox and inbox into its slabs. Caller holds no lock but the purge lock. */
void brimi_mail_deliver(struct heap *heap);

#endif
