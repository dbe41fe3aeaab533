#include "core/large.h"
#include "base/bits.h"
#include "core/filled.h"
#include "core/meta.h"
#include "core/options.h"
#include "core/pagemap.h"
#include "core/pool.h"
#include "core/purge.h"
#include "core/runs.h"
#include "os/os.h"

#include <stdint.h>
#include <string.h>

size_t brimi_large_uncounted;
_Atomic size_t brimi_large_mapped_n, brimi_large_mapped_bytes;
static _Atomic size_t break_bytes; /* relaxed counter */
static _Atomic size_t most_in_use; /* most mapped bytes in use at a free since the last pass of purge.c; relaxed */

/* At least a granule, so that no two mappings start in the same one (pagemap.h). */
size_t brimi_large_bytes(size_t size)
{
  return size > PTRDIFF_MAX ? 0 : align_up(max_size(size, GRANULE), brimi_page_bytes);
}

enum { SPLIT_MIN = 64 * 1024 }; /* a smaller rest stays with its block */

/* ---- descriptors ------------------------------------------------------------------------------------------------- */

static struct slab *set_up(struct slab *slab, uintptr_t start, size_t bytes, size_t granules)
{
  if (!slab)
    return NULL;
  *slab = (struct slab){.start = start,
                        .inverse = granules ? INVERSE_GRANULES : INVERSE_MAPPING,
                        .sc = NO_CLASS,
                        .granules = (uint16_t)granules,
                        .blocks = 1,
                        .usable = bytes,
                        .used = 1,
                        .bytes = bytes};
  store_relaxed(&slab->state[0], STATE_LIVE);
  return slab;
}

static struct slab *new_descriptor(uintptr_t start, size_t bytes, size_t granules)
{
  return set_up(brimi_meta_alloc(POOL_RECORD), start, bytes, granules);
}

static void enter_mapping(struct slab *slab)
{
  brimi_pagemap_enter(slab, 1, BIN_NONE);
  add_relaxed(&brimi_large_mapped_bytes, slab->bytes);
  add_relaxed(&brimi_large_mapped_n, 1);
}

static struct slab *map_block(size_t bytes, size_t alignment)
{
  char *start = alignment > brimi_page_bytes ? brimi_os_map_aligned(bytes, alignment) : brimi_os_map(bytes);
  if (!start)
    return NULL;
  struct slab *slab = NULL;
  if (!brimi_pagemap_reserve((uintptr_t)start, 1, LEAF_MAPPING) ||
      !(slab = new_descriptor((uintptr_t)start, bytes, 0))) {
    brimi_os_unmap(start, bytes);
    return NULL;
  }
  if (brimi_options.name_mappings)
    brimi_os_name(start, bytes, "brim: large");
  enter_mapping(slab);
  brimi_purge_runs(bytes);
  return slab;
}

static struct slab *take_from_break(size_t bytes, size_t alignment, bool *is_zero)
{
  size_t granules = (bytes + GRANULE - 1) >> GRANULE_SHIFT;
  struct run run;
  if (alignment > GRANULE || bytes > LARGE_BREAK_MAX || !brimi_runs_alloc(granules, RUNS_ANY, &run))
    return NULL;
  struct slab *slab = new_descriptor(run.start, bytes, granules);
  if (!slab) {
    brimi_runs_free(run.start, granules);
    return NULL;
  }
  brimi_pagemap_enter(slab, granules, BIN_NONE);
  add_relaxed(&break_bytes, bytes);
  *is_zero = run.is_zero;
  return slab;
}

static void put(struct slab *slab) { sub_relaxed(&brimi_large_mapped_n, brimi_pool_put(slab)); }

/* Ends the block and gives its memory back to where it came from. A mapping that the system refuses to unmap (at the
 * map-count limit: a hole would need one more) loses its pages and goes back to the pool. */
static void destroy(struct slab *slab)
{
  if (slab->granules) {
    brimi_pagemap_forget(slab->start, slab->granules);
    brimi_runs_free(slab->start, slab->granules);
    sub_relaxed(&break_bytes, slab->bytes);
    brimi_meta_free(slab, POOL_RECORD);
    return;
  }
  uintptr_t start = slab->start;
  size_t bytes = slab->bytes;
  brimi_pagemap_forget(start, 1);
  if (!brimi_os_unmap((void *)start, bytes)) {
    if (brimi_os_purge((void *)start, bytes))
      store_relaxed(&slab->state[0], STATE_CACHED_ZERO);
    brimi_pagemap_enter(slab, 1, BIN_NONE);
    slab->epoch = POOL_STUCK;
    put(slab);
    return;
  }
  sub_relaxed(&brimi_large_mapped_bytes, bytes);
  sub_relaxed(&brimi_large_mapped_n, 1);
  if (!slab->listed)
    brimi_meta_free(slab, POOL_RECORD);
}

/* ---- a thread's own ---------------------------------------------------------------------------------------------- */

/* Takes the slot's mapping if it serves the request, or any if `bytes` is 0. NULL if there is none, or purge.c has it. */
static struct slab *take_serving(struct heap *heap, struct large_slot *slot, size_t bytes, size_t alignment)
{
  struct slab *slab = NULL;
  brimi_large_begin_take(heap);
  if (load_relaxed(&slot->room) > SLOT_CLOSED && (!bytes || brimi_large_serves(slot->slab, bytes, alignment))) {
    slab = slot->slab;
    store_relaxed(&slot->room, 0);
  }
  brimi_large_end_take(heap);
  return slab;
}

static struct slab *take_slot(struct heap *heap, struct large_slot *slot) { return take_serving(heap, slot, 0, 1); }

static struct slab *take_kept(struct heap *heap, size_t bytes, size_t alignment)
{
  struct slab *slab = NULL;
  for (struct large_slot *slot = heap->large_slots; slot < heap->large_slots + LARGE_SLOTS && !slab; slot++)
    if (load_relaxed(&slot->room))
      slab = take_serving(heap, slot, bytes, alignment);
  return slab;
}

/* Puts a freed mapping into the first slot. What was there goes into an empty slot, or the last one: moving each by one place
 * would be more work. Returns the one for which there is no room, or NULL. A heap whose slot_max is 0 keeps nothing itself. */
static struct slab *keep(struct heap *heap, struct slab *slab)
{
  struct large_slot *slots = heap->large_slots, *spare = &slots[LARGE_SLOTS - 1];
  size_t kept = slab->bytes;
  for (struct large_slot *slot = slots + LARGE_SLOTS; slot-- > slots;) {
    size_t room = load_relaxed(&slot->room);
    kept += room;
    if (!room)
      spare = slot;
  }
  if (kept > heap->slot_max)
    return slab;
  struct slab *older = take_slot(heap, &slots[0]);
  if (brimi_large_room(&slots[0]))
    return slab;
  brimi_large_fill(&slots[0], slab, slab->bytes);
  struct slab *oldest = older ? take_slot(heap, spare) : NULL;
  if (older && brimi_large_room(spare))
    oldest = older;
  else if (older)
    brimi_large_fill(spare, older, older->bytes);
  brimi_purge_poll(kept);
  return oldest;
}

/* The page map forgets the block while it moves: once its old pages are free, another thread's mapping may come to lie there.
 * One block moves at a time, as under the system's own lock, so that the leaf in reserve is enough for its new place. */
static void *move_pages(struct slab *slab, size_t bytes, bool may_move)
{
  brimi_lock(&brimi_large_lock);
  brimi_pagemap_forget(slab->start, 1);
  void *moved = NULL;
  if (!may_move || brimi_pagemap_ready())
    moved = brimi_os_remap((void *)slab->start, slab->bytes, bytes, may_move);
  if (moved) {
    add_relaxed(&brimi_large_mapped_bytes, bytes - slab->bytes);
    slab->bytes = bytes;
    slab->start = (uintptr_t)moved;
    brimi_pagemap_reserve(slab->start, 1, LEAF_MOVED);
  }
  brimi_pagemap_enter(slab, 1, BIN_NONE);
  brimi_unlock(&brimi_large_lock);
  return moved;
}

static void *grow_by_system(struct slab *slab, size_t bytes, bool may_move, bool is_filled)
{
  size_t old = slab->bytes;
  void *grown = move_pages(slab, bytes, may_move);
  if (grown)
    brimi_filled_map(grown, bytes, old, is_filled);
  return grown;
}

/* ---- the calls --------------------------------------------------------------------------------------------------- */

/* Cuts off what lies beyond `bytes`, if that is `least` or more, and puts it into the pool as a mapping of its own. */
static void split(struct slab *slab, size_t bytes, size_t least)
{
  size_t rest = slab->bytes - bytes;
  if (rest < least || !brimi_pagemap_reserve(slab->start + bytes, 1, LEAF_MAPPING))
    return;
  struct slab *tail = new_descriptor(slab->start + bytes, rest, 0);
  if (!tail)
    return;
  slab->bytes = bytes;
  tail->epoch = slab->epoch;
  bool is_zero = load_relaxed(&slab->state[0]) == STATE_CACHED_ZERO;
  store_relaxed(&tail->state[0], is_zero ? STATE_CACHED_ZERO : STATE_CACHED);
  brimi_pagemap_enter(tail, 1, BIN_NONE);
  add_relaxed(&brimi_large_mapped_n, 1);
  put(tail);
}

/* From the threshold up, unless there are a great many: each may lie between two holes, and if they filled the
 * kernel's table of mappings, of 65,530 entries by default, neither Brim nor the program could map anything. */
static bool gets_mapping(size_t bytes)
{
  enum { MAPPINGS_MOST = 7 << 13 }; /* the rest is the program's */
  return bytes >= (size_t)brimi_options.mmap_threshold && load_relaxed(&brimi_large_mapped_n) < MAPPINGS_MOST;
}

/* Bytes of mappings that are not in the pool; never below 0, though the two counts are read one after the other. */
static size_t bytes_in_use(void)
{
  size_t in_pool = load_relaxed(&brimi_pool_bytes);
  return max_size(load_relaxed(&brimi_large_mapped_bytes), in_pool) - in_pool;
}

/* Where blocks are filled, a process that has many of them maps more than it is asked for, so that blocks smaller
 * than a huge page share one. The rest waits in the pool, where the next is cut from it. */
static struct slab *map_ahead(size_t bytes, size_t alignment)
{
  enum { AHEAD_FROM = 16 << 20, AHEAD_SHARE = 8, AHEAD_MAX = 32 << 20 };
  size_t in_use = bytes_in_use();
  if (!brimi_filled_expect(bytes) || in_use < AHEAD_FROM || !brimi_options.purge_delay ||
      alignment > brimi_page_bytes || !gets_mapping(bytes))
    return NULL;
  size_t all = align_up(max_size(bytes, min_size(in_use / AHEAD_SHARE, AHEAD_MAX)), HUGE_BYTES);
  struct slab *slab = map_block(all, HUGE_BYTES);
  if (!slab)
    return NULL;
  brimi_filled_map((void *)slab->start, all, 0, true);
  slab->epoch = load_relaxed(&brimi_purge_tick);
  store_relaxed(&slab->state[0], STATE_CACHED_ZERO);
  split(slab, bytes, SPLIT_MIN);
  return slab;
}

static struct slab *from_system(size_t bytes, size_t alignment, bool *is_zero)
{
  struct slab *slab = NULL;
  *is_zero = true;
  if (gets_mapping(bytes) || alignment > GRANULE)
    slab = map_block(bytes, alignment);
  if (slab)
    brimi_filled_map((void *)slab->start, bytes, 0, brimi_filled_expect(bytes));
  else
    slab = take_from_break(bytes, alignment, is_zero);
  return slab ? slab : map_block(bytes, alignment);
}

/* Rounds a large mapping up to whole huge pages, which the system then moves as such. */
static size_t whole_pages(size_t bytes)
{
  return align_up(bytes, bytes < FILLED_HUGE_MIN ? brimi_page_bytes : HUGE_BYTES);
}

/* Makes the block from a freed mapping of another size, whose pages need no fault again: a larger one is cut, a
 * smaller one grows. */
static struct slab *reshape(struct heap *heap, size_t bytes, size_t alignment)
{
  brimi_large_flush(heap);
  struct slab *slab = brimi_pool_take_near(bytes, alignment);
  if (!slab)
    return NULL;
  if (slab->bytes >= bytes) {
    split(slab, bytes, SPLIT_MIN);
    return slab;
  }
  store_relaxed(&slab->state[0], STATE_CACHED); /* what it grows by would be zero, the rest is not */
  if (slab->bytes >= bytes / 4 && grow_by_system(slab, whole_pages(bytes), true, brimi_filled_expect(bytes)))
    return slab;
  put(slab);
  return NULL;
}

/* Lets a live mapping grow to `bytes`, or as far as `roomy`, into the freed one behind it. It takes a granule at
 * least: what is left there must not begin in the same granule as before, since the page map forgets that one. */
static bool grow_in_place(struct slab *slab, size_t bytes, size_t roomy)
{
  struct slab *behind = brimi_pool_take_behind(slab, bytes - slab->bytes);
  if (!behind)
    return false;
  split(behind, min_size(max_size(roomy - slab->bytes, GRANULE), behind->bytes), SPLIT_MIN);
  brimi_pool_absorb(slab, behind);
  sub_relaxed(&brimi_large_mapped_n, 1);
  return true;
}

void *brimi_large_alloc(struct heap *heap, size_t size, size_t alignment, bool *is_zero)
{
  size_t bytes = brimi_large_bytes(size);
  if (!bytes)
    return NULL;
  /* Slots are used from now on: what is freed by a thread that never asks for large blocks is of use to others only. */
  if (heap->filled == heap->bins && brimi_options.purge_delay) {
    heap->slot_max = (size_t)brimi_options.cache_max / 2;
    heap->slot_quiet = min_size(heap->slot_max, PURGE_MUCH - 1);
  }
  struct slab *slab = take_kept(heap, bytes, alignment);
  if (!slab)
    slab = brimi_pool_take(bytes, alignment);
  if (!slab)
    slab = reshape(heap, bytes, alignment);
  if (!slab)
    slab = map_ahead(bytes, alignment);
  if (slab) {
    *is_zero = load_relaxed(&slab->state[0]) == STATE_CACHED_ZERO;
    slab->usable = bytes;
    store_relaxed(&slab->state[0], STATE_LIVE);
    return (void *)slab->start;
  }
  slab = from_system(bytes, alignment, is_zero);
  if (!slab && brimi_purge_all(0))
    slab = from_system(bytes, alignment, is_zero);
  return slab ? (void *)slab->start : NULL;
}

void *brimi_large_alloc_break(size_t size)
{
  size_t bytes = brimi_large_bytes(size);
  bool is_zero;
  struct slab *slab = bytes ? take_from_break(bytes, MIN_ALIGN, &is_zero) : NULL;
  if (!slab && bytes)
    slab = map_block(bytes, MIN_ALIGN);
  return slab ? (void *)slab->start : NULL;
}

void *brimi_large_alloc_apart(size_t size, size_t alignment, bool *is_zero)
{
  /* The descriptor lies in front of the block, where it stays when the block is unmapped; `listed` marks it as no record
   * of meta.c. */
  size_t bytes = brimi_large_bytes(size), header = max_size(max_size(brimi_page_bytes, GRANULE), alignment);
  char *start = bytes ? brimi_os_map_aligned(header + bytes, alignment) : NULL;
  if (!start)
    return NULL;
  if (!brimi_pagemap_reserve((uintptr_t)start + header, 1, LEAF_MAPPING)) {
    brimi_os_unmap(start, header + bytes);
    return NULL;
  }
  struct slab *slab = set_up((struct slab *)start, (uintptr_t)start + header, bytes, 0);
  slab->listed = true;
  enter_mapping(slab);
  *is_zero = true;
  return start + header;
}

enum { PEAK_MAX = 1 << 30 };

/* How much the pool may hold when `freed` bytes have become free, the largest of three: half of BRIM_CACHE_MAX (the
 * slots have the other half); BRIM_CACHE_SHARE of what is mapped, since a program with much in mappings frees much at
 * a time; what was in use since the last pass of purge.c and a quarter more, but is not in use now: unmapping it
 * would hardly make the peak any lower. */
static size_t pool_bound(size_t freed)
{
  size_t in_use = bytes_in_use();
  if (in_use > load_relaxed(&most_in_use))
    store_relaxed(&most_in_use, in_use);
  in_use -= freed;
  size_t fixed = (size_t)brimi_options.cache_max / 2, most = load_relaxed(&most_in_use);
  size_t share = load_relaxed(&brimi_large_mapped_bytes) / 100 * (size_t)brimi_options.cache_share;
  most += most / 4;
  size_t peak = most > in_use ? min_size(most - in_use, PEAK_MAX) : 0;
  return fixed ? max_size(max_size(fixed, share), peak) : 0;
}

static void keep_to_bound(size_t bound)
{
  struct slab *slab;
  while (load_relaxed(&brimi_pool_bytes) > bound && (slab = brimi_pool_take_oldest(0, bound)))
    destroy(slab);
  brimi_purge_poll(load_relaxed(&brimi_pool_bytes));
}

/* Puts a freed block into the pool, or ends it. */
static void give_up(struct slab *slab)
{
  size_t bound = pool_bound(slab->bytes);
  if (slab->granules || slab->bytes > bound || !brimi_options.purge_delay) {
    destroy(slab);
    return;
  }
  slab->epoch = load_relaxed(&brimi_purge_tick);
  put(slab);
  keep_to_bound(bound);
}

void brimi_large_free(struct heap *heap, struct slab *slab)
{
  brimi_filled_learn((const void *)slab->start, slab->bytes, slab->usable);
  store_relaxed(&slab->state[0], STATE_CACHED);
  struct slab *left = slab->granules ? slab : keep(heap, slab);
  if (left)
    give_up(left);
}

/* Cuts a live block. What is cut off is kept like a freed mapping: the block, or another, may soon grow into it. */
static void shrink(struct slab *slab, size_t bytes, bool may_move)
{
  size_t rest = slab->bytes - bytes, bound = pool_bound(rest);
  if (rest < GRANULE || rest > bound || !brimi_options.purge_delay) {
    move_pages(slab, bytes, may_move);
    return;
  }
  slab->epoch = load_relaxed(&brimi_purge_tick);
  split(slab, bytes, GRANULE);
  keep_to_bound(bound);
}

void *brimi_large_resize(struct slab *slab, size_t size, bool may_move)
{
  size_t bytes = brimi_large_bytes(size);
  bool grows = bytes > slab->bytes;
  if (!bytes || (grows && slab->granules))
    return NULL;
  /* A block that has grown is likely to grow again: room for an eighth more costs address space only. */
  size_t roomy = grows && may_move ? whole_pages(bytes + bytes / 8) : bytes;
  if (grows && !grow_in_place(slab, bytes, roomy)) {
    if (may_move && brimi_pool_holds(bytes))
      return NULL;
    bool is_filled = bytes >= FILLED_HUGE_MIN && brimi_filled_all((const void *)slab->start, slab->usable);
    if (!grow_by_system(slab, roomy, may_move, is_filled) &&
        (roomy == bytes || !grow_by_system(slab, bytes, may_move, is_filled)))
      return NULL;
  }
  if (bytes < slab->usable && slab->bytes - bytes > slab->bytes / 8 && !slab->granules)
    shrink(slab, bytes, may_move);
  slab->usable = bytes;
  return (void *)slab->start;
}

/* Cleared blocks are often tables that are filled sparsely. Where the last user wrote few pages, fresh ones are
 * cheaper than clearing all, and stay few. */
void *brimi_large_clear(void *block, size_t bytes)
{
  enum { SPARSE_MIN = 256 * 1024 };
  bool is_sparse = bytes >= SPARSE_MIN && brimi_filled_none(block, bytes);
  return is_sparse && brimi_filled_reset(block, align_up(bytes, brimi_page_bytes)) ? block : memset(block, 0, bytes);
}

/* Moves what is in the slots from `first` on to the pool. A slot that purge.c has closed, it will empty into the
 * pool, or open again: a thread that ends, whose heap is no longer its own, waits for that. */
static void flush_from(struct heap *heap, unsigned first)
{
  for (unsigned i = LARGE_SLOTS; i-- > first;) {
    struct slab *slab = take_slot(heap, &heap->large_slots[i]);
    if (slab) {
      slab->epoch = load_relaxed(&brimi_purge_tick);
      put(slab);
    } else if (heap != brimi_heap_mine() && brimi_large_room(&heap->large_slots[i])) {
      brimi_lock(&brimi_purge_lock);
      brimi_unlock(&brimi_purge_lock);
      i++;
    }
  }
}

void brimi_large_flush(struct heap *heap) { flush_from(heap, 0); }

/* Ends mappings in the pool that were freed before tick `epoch`, the oldest first, until `enough` bytes are given back. */
static size_t destroy_oldest(uint32_t epoch, size_t enough)
{
  size_t bytes = 0;
  struct slab *slab;
  while (bytes < enough && (slab = brimi_pool_take_oldest(epoch, SIZE_MAX))) {
    bytes += slab->bytes;
    destroy(slab);
  }
  return bytes;
}

/* Leaves the block freed last in its slot, if it is not too large: it is likely to be wanted next. */
void brimi_large_give_up(size_t bytes)
{
  enum { STAYS_MAX = 512 * 1024 };
  struct heap *heap = brimi_heap_mine();
  flush_from(heap, brimi_large_room(&heap->large_slots[0]) <= STAYS_MAX);
  destroy_oldest(UINT32_MAX, bytes);
}

/* The system may have room for more mappings by now. */
static void retry_stuck(void)
{
  for (struct slab *slab = brimi_pool_take_stuck(), *next; slab; slab = next) {
    next = slab->previous;
    destroy(slab);
  }
}

/* ---- what lies in the slots of threads ---------------------------------------------------------------------------
 * The heap's thread takes from a slot by a load and a store, and says in is_taking that it is between them. Whoever
 * gives memory back closes the slot, has the system pass a fence on every thread, and looks then: if the slot is
 * still closed and the thread is not taking, the thread has not seen the slot open, or its store would be visible. */

/* Closes the slots that the last pass has seen, or all; marks the others as seen. acquire: pairs with
 * brimi_large_fill. */
static void close_slots(struct heap *heap, bool all)
{
  for (unsigned i = 0; i < LARGE_SLOTS; i++) {
    struct large_slot *slot = &heap->large_slots[i];
    size_t room = load_relaxed(&slot->room);
    bool closes = all || room % 2;
    if (room && cas_acq_rel(&slot->room, &room, closes ? SLOT_CLOSED : room - 1) && closes)
      heap->has_closed = true;
  }
}

/* Whether the thread is still taking, after the fence. It is through in a few instructions, unless it was interrupted
 * there: then it gets a chance to run on. acquire: pairs with brimi_large_end_take. */
static bool stays_taking(const struct heap *heap)
{
  enum { LOOKS = 1000, NAPS = 8, NAP_NS = 50000 };
  for (int i = 0; load_acquire(&heap->is_taking); i++) {
    if (i == LOOKS + NAPS)
      return true;
    if (i >= LOOKS)
      brimi_os_wait(&brimi_purge_tick, load_relaxed(&brimi_purge_tick), NAP_NS << (i - LOOKS));
  }
  return false;
}

/* Opens the closed slots: if `takes`, empty, and what lay there moves to the pool, the coldest first; else with what
 * they have. release: pairs with brimi_large_room. */
static void open_slots(struct heap *heap, bool takes, uint32_t epoch)
{
  for (unsigned i = LARGE_SLOTS; i-- > 0;) {
    struct large_slot *slot = &heap->large_slots[i];
    size_t room = load_relaxed(&slot->room);
    if (room != SLOT_CLOSED)
      continue;
    struct slab *slab = takes ? slot->slab : NULL; /* else its thread may write there */
    if (!cas_acq_rel(&slot->room, &room, takes ? 0 : SLOT_SEEN) || !takes)
      continue;
    slab->epoch = epoch - 1;
    put(slab);
  }
  heap->has_closed = false;
}

size_t brimi_large_purge(uint32_t epoch)
{
  const struct heap *mine = brimi_heap_mine();
  bool others = false;
  for (struct heap *heap = brimi_heap_first(); heap; heap = brimi_heap_next(heap)) {
    close_slots(heap, epoch == UINT32_MAX);
    others |= heap->has_closed && heap != mine;
  }
  bool fenced = others && brimi_os_fence_threads();
  for (struct heap *heap = brimi_heap_first(); heap; heap = brimi_heap_next(heap))
    if (heap->has_closed)
      open_slots(heap, heap == mine ? !load_relaxed(&heap->is_taking) : fenced && !stays_taking(heap), epoch);
  size_t bytes = destroy_oldest(epoch, SIZE_MAX);
  store_relaxed(&most_in_use, 0);
  if (epoch == UINT32_MAX)
    retry_stuck();
  return bytes;
}

void brimi_large_usage(struct large_usage *usage)
{
  *usage = (struct large_usage){load_relaxed(&brimi_large_mapped_bytes), load_relaxed(&brimi_large_mapped_n),
                                load_relaxed(&break_bytes), load_relaxed(&brimi_pool_bytes)};
  for (struct heap *heap = brimi_heap_first(); heap; heap = brimi_heap_next(heap)) {
    for (unsigned i = 0; i < LARGE_SLOTS; i++) {
      const struct large_slot *slot = &heap->large_slots[i];
      usage->cached_bytes += load_acquire(&slot->room) ? slot->slab->bytes : 0;
    }
  }
}
