/* mail.h: blocks that a thread with another host than theirs has freed, on their way to that host.
 *
 * A thread gathers them in parcels, one for each heap that it sends to, and puts a full parcel into that heap's mailbox, a
 * stack that anyone pushes to without a lock. A thread whose host that heap is takes it whole when a bin has run dry, opens
 * what fills the bin, and keeps the rest in the host's inbox for the next time. Threads that are asleep or gone do not: whoever
 * sends to a mailbox that holds much, and purge.c, deliver it to the slabs in their place.
 *
 *     sender  open[3] -> [ parcel to heap 3 ]      heap 3  mailbox -> [ parcel ] -> [ parcel ] -> NULL
 *                                                       inbox   -> [ parcel ] -> NULL
 *
 * The states of blocks in parcels are SENT. A parcel that is taken from a mailbox belongs to who took it. */
#ifndef BRIM_MAIL_H
#define BRIM_MAIL_H

#include "core/heap.h"
#include "core/pagemap.h"

enum {
  /* A bin is filled by whole parcels, so that neighbours stay together, and their states. */
  PARCEL_BLOCKS = BIN_BLOCKS / 2,
  /* A parcel of so many bytes is full, and a thread holds back hardly more for a heap; but one of fewer blocks is not: wide ones
   * go several at a time too. */
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

/* Heaps start at a page: no look at the heap itself, whose thread writes to it all the time. */
static inline unsigned brimi_mail_slot(const struct heap *heap) { return ((uintptr_t)heap >> 12) % OPEN_PARCELS; }

static ALWAYS_INLINE bool brimi_mail_is_full(const struct parcel *parcel)
{
  return parcel->count == PARCEL_BLOCKS || (parcel->bytes >= PARCEL_BYTES && parcel->count >= PARCEL_FEW);
}

/* Puts a block that was LIVE into the open parcel to its bin's heap; false, and nothing is done, if there is none with room.
 * `from` is the caller's own heap. A full parcel goes when the next block comes. */
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

/* The same; where there is none with room, that one is sent and a new one opened. */
void brimi_mail_send(struct heap *from, const struct bin *bin, void *block, _Atomic uint8_t *state);

/* Whether there is mail for the slabs that the heap's thread uses. */
static inline bool brimi_mail_waits(struct heap *heap)
{
  return load_relaxed(&heap->host->mailbox) || load_relaxed(&heap->host->inbox);
}

/* What the caller has gathered goes to the slabs: a parcel of a few blocks that waits in the mailbox of a thread, or of one
 * that has ended, keeps more memory than it brings. */
void brimi_mail_open_all(struct heap *from);
/* Opens as many of the parcels that came to the caller's host as fill the bin of a class, at least one; what is of other classes
 * goes into their bins, up to a quarter of each, and then to slabs. */
void brimi_mail_receive(struct heap *own, unsigned sc);
/* Empties any heap's mailbox and inbox into its slabs. Caller holds no lock but the purge lock. */
void brimi_mail_deliver(struct heap *heap);

#endif
