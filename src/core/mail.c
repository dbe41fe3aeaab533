#include "core/mail.h"
#include "core/bins.h"
#include "core/meta.h"
#include "core/misuse.h"
#include "core/pagemap.h"

enum {
  /* What may wait in a mailbox, whichever is most: so many bytes; as many bytes as so many parcels like the one that
   * comes, which is more where its blocks are wide; one part in so many of the heap. Beyond that, the sender delivers. */
  MAILBOX_BYTES = 256 * 1024,
  MAILBOX_PARCELS = 4,
  MAILBOX_SHARE = 8
};

_Static_assert(sizeof(struct parcel) <= OWN_RECORD_UNITS * META_UNIT, "a thread keeps some of its own");

/* Where the state of a block, which is not FREE, lies. */
static _Atomic uint8_t *state_of(const struct span *span, const void *block)
{
  size_t index;
  brimi_block_index(load_relaxed(&span->inverse), (uintptr_t)block - load_relaxed(&span->start), &index);
  return load_relaxed(&span->state) + index;
}

/* Gives the parcel's blocks to their slabs. One that is not SENT any more came here twice. */
static void give(const struct parcel *parcel)
{
  struct entry entries[PARCEL_BLOCKS];
  unsigned count = 0;
  for (unsigned i = 0; i < parcel->count; i++) {
    void *block = parcel->blocks[i];
    _Atomic uint8_t *state = state_of(brimi_pagemap_span(block), block);
    if (unlikely(load_relaxed(state) != STATE_SENT)) {
      brimi_misuse_corrupt(block);
      continue;
    }
    entries[count].block = block;
    entries[count++].state = state;
  }
  brimi_heap_give(entries, count);
}

/* Gives its blocks to their slabs, and the record back. Returns the bytes that it was sent with. */
static size_t open_parcel(struct parcel *parcel)
{
  size_t bytes = parcel->bytes;
  give(parcel);
  brimi_meta_free(parcel, sizeof *parcel);
  return bytes;
}

/* Opens parcels that came to the heap and are the caller's now. */
static void open_parcels(struct heap *heap, struct parcel *parcel)
{
  size_t bytes = 0;
  for (struct parcel *next; parcel; parcel = next) {
    next = parcel->next;
    bytes += open_parcel(parcel);
  }
  sub_relaxed(&heap->mail_bytes, bytes);
}

/* acquire: pairs with the release in post, or the exchange in brimi_mail_receive. */
static struct parcel *take_all(_Atomic(struct parcel *) *box) { return take_acquire(box); }

void brimi_mail_deliver(struct heap *heap)
{
  open_parcels(heap, take_all(&heap->mailbox));
  open_parcels(heap, take_all(&heap->inbox));
}

static void post(struct parcel *parcel)
{
  struct heap *to = parcel->to;
  size_t bytes = parcel->bytes, waiting = add_relaxed(&to->mail_bytes, bytes) + bytes;
  parcel->next = load_relaxed(&to->mailbox);
  /* release: pairs with take_all. Only the whole stack is ever taken, so that there is no ABA. */
  while (!cas_weak_release(&to->mailbox, &parcel->next, parcel))
    ;
  if (waiting > max_size(MAILBOX_BYTES, bytes * MAILBOX_PARCELS) &&
      waiting > load_relaxed(&to->slab_bytes) / MAILBOX_SHARE)
    brimi_mail_deliver(to);
}

/* Takes the caller's open parcel out of its slot; NULL if there is none. */
static struct parcel *close_parcel(struct heap *from, unsigned slot)
{
  struct parcel *parcel = from->open[slot];
  from->open[slot] = NULL;
  if (parcel)
    bump_relaxed(&from->open_bytes, -(uint64_t)parcel->bytes);
  return parcel;
}

/* An empty parcel. Its lines are in the cache of whoever emptied it last: a write to each at once fetches them all together. */
static struct parcel *new_parcel(struct heap *to)
{
  struct parcel *parcel = brimi_meta_alloc(sizeof *parcel);
  if (unlikely(!parcel))
    return NULL;
  for (unsigned i = 0; i < PARCEL_BLOCKS; i += CACHE_LINE / sizeof(void *))
    parcel->blocks[i] = NULL;
  parcel->to = to;
  parcel->count = parcel->bytes = 0;
  return parcel;
}

void brimi_mail_send(struct heap *from, const struct bin *bin, void *block, _Atomic uint8_t *state)
{
  struct heap *to = brimi_bin_heap(bin);
  unsigned slot = brimi_mail_slot(to);
  if (brimi_mail_pack(from, bin, block, state))
    return;
  struct parcel *full = close_parcel(from, slot);
  if (full)
    post(full);
  from->open[slot] = new_parcel(to);
  if (likely(brimi_mail_pack(from, bin, block, state)))
    return;
  store_relaxed(state, STATE_SENT);
  brimi_heap_give(&(struct entry){block, state}, 1);
}

void brimi_mail_open_all(struct heap *from)
{
  for (unsigned i = 0; i < OPEN_PARCELS; i++) {
    struct parcel *parcel = close_parcel(from, i);
    if (parcel)
      open_parcel(parcel);
  }
}

/* Whether a block that came by mail may go into the bin. The bin of small blocks that ran dry takes them until it is
 * full. Other bins of small blocks take up to a quarter of what they may hold, since blocks freed by others lie
 * scattered, and each that waits in a bin keeps a page. Bins of wide blocks grow. */
static bool make_room(struct heap *own, const struct bin *bin, const struct bin *dry)
{
  enum { SHARE = 4 };
  unsigned sc = brimi_bin_class(bin), limit = own->limit[sc];
  if (!brimi_is_wide(sc))
    return bin->end - bin->top > (ptrdiff_t)(bin == dry ? 0 : limit - limit / SHARE);
  if (bin->top == bin->end)
    brimi_bin_grow_for_mail(own, sc);
  return bin->top != bin->end;
}

/* Puts into bins what there is room for; the rest stays in the parcel. */
static void unpack(struct heap *own, struct parcel *parcel, struct bin *dry)
{
  unsigned rest = 0;
  for (unsigned i = 0; i < parcel->count; i++) {
    void *block = parcel->blocks[i];
    struct span *span = brimi_pagemap_span(block);
    _Atomic uint8_t *state = state_of(span, block);
    struct bin *bin = NULL;
    uintptr_t distance;
    bool is_own = brimi_bin_own(load_relaxed(&span->bin), &bin, &distance);
    if (!is_own || load_relaxed(state) != STATE_SENT || !make_room(own, bin, dry)) {
      parcel->blocks[rest++] = block;
      continue;
    }
    store_relaxed(state, STATE_CACHED);
    __builtin_prefetch(block, 1, 2);
    struct entry *top = ++bin->top;
    top->block = block;
    top->state = state;
  }
  parcel->count = rest;
}

void brimi_mail_receive(struct heap *own, unsigned sc)
{
  struct heap *host = own->host;
  struct bin *bin = &own->bins[sc];
  struct parcel *opened = NULL, *parcel = take_all(&host->inbox);
  if (!parcel)
    parcel = take_all(&host->mailbox);
  while (parcel && (!opened || bin->end - bin->top >= PARCEL_BLOCKS)) {
    struct parcel *next = parcel->next;
    unpack(own, parcel, bin);
    parcel->next = opened;
    opened = parcel;
    parcel = next;
  }
  /* acq_rel: pairs with take_all, and with itself in another thread of the same host: what that one has put there
   * meanwhile goes to the slabs. */
  if (parcel)
    parcel = exchange_acq_rel(&host->inbox, parcel);
  open_parcels(host, opened);
  open_parcels(host, parcel);
}
