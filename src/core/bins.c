#include "core/bins.h"
#include "base/bits.h"
#include "core/mail.h"
#include "core/options.h"
#include "core/slabs.h"

#include <string.h>

static struct entry *bottom_of(struct heap *heap, unsigned sc) { return heap->filled[sc].end - heap->limit[sc]; }
/* brimi_bin_count for the heap's own thread. */
static unsigned count_of(struct heap *heap, unsigned sc)
{
  return (unsigned)(heap->filled[sc].top - bottom_of(heap, sc));
}

/* A class that includes requests as large as the threshold has no bin: each of its requests is compared with it. A
 * request of CLASS_MAX_BYTES never comes to a bin. */
static bool may_have_bin(unsigned sc)
{
  return min_size(brimi_classes[sc].bytes, CLASS_MAX_BYTES - 1) < (size_t)brimi_options.mmap_threshold;
}

/* Whether a bin of the class with this limit may hold more than in any case, and how many bytes more. */
static inline bool has_extra(unsigned sc, unsigned limit) { return limit > brimi_classes[sc].bin_own; }
static inline size_t extra_bytes(unsigned sc, unsigned limit)
{
  const struct class_info *info = &brimi_classes[sc];
  return has_extra(sc, limit) ? (limit - info->bin_own) * (size_t)info->bytes : 0;
}

/* The bin holds no more than `limit` blocks. */
static NOINLINE void set_limit(struct heap *heap, unsigned sc, unsigned limit)
{
  struct bin *bin = &heap->filled[sc];
  struct entry *old = bottom_of(heap, sc), *bottom = heap->entries + brimi_classes[sc].entries[brimi_bin_tier(limit)];
  unsigned count = count_of(heap, sc);
  if (bottom != old)
    memcpy(bottom + 1, old + 1, count * sizeof *bottom);
  bin->top = bottom + count;
  bin->end = bottom + limit;
  heap->extra_bytes += extra_bytes(sc, limit) - extra_bytes(sc, heap->limit[sc]);
  heap->limit[sc] = (uint16_t)limit;
}

COLD void brimi_bins_set_up(struct heap *heap)
{
  struct entry *nothing = brimi_front.empty.bins[0].top;
  heap->extra_bytes = 0;
  for (unsigned sc = 0; sc < CLASSES; sc++) {
    heap->limit[sc] = 0;
    heap->bins[sc] = (struct bin){nothing, nothing};
    struct entry *bottom = heap->entries + brimi_classes[sc].entries[0];
    heap->filled[sc] = (struct bin){bottom, bottom};
  }
}

/* Gives the `given` oldest blocks back to the slabs. */
static void give_oldest(struct heap *heap, unsigned sc, unsigned given)
{
  struct bin *bin = &heap->filled[sc];
  struct entry *bottom = bottom_of(heap, sc);
  brimi_heap_give(bottom + 1, given);
  bin->top -= given;
  memmove(bottom + 1, bottom + 1 + given, (size_t)(bin->top - bottom) * sizeof(struct entry));
}

static NOINLINE void shrink(struct heap *heap, unsigned sc, unsigned limit)
{
  unsigned count = count_of(heap, sc);
  if (count > limit)
    give_oldest(heap, sc, count - limit);
  set_limit(heap, sc, limit);
}

COLD size_t brimi_bins_bytes(struct heap *heap, unsigned first)
{
  size_t bytes = 0;
  const struct class_info *info = &brimi_classes[first], *end = &brimi_classes[CLASSES];
  for (const struct bin *bin = &heap->filled[first]; info < end; info++, bin++)
    bytes += brimi_bin_holds(heap, bin, info) * info->bytes;
  return bytes;
}

COLD void brimi_bins_flush(struct heap *heap)
{
  for (unsigned sc = 0; sc < CLASSES; sc++)
    if (heap->limit[sc])
      shrink(heap, sc, 0);
}

/* How many bytes beyond bin_own the bins may hold in all, when that of `sc` is to grow. Small blocks get less: each
 * may be all that keeps its page. */
static size_t extra_max(struct heap *heap, unsigned sc)
{
  size_t heaps = load_relaxed(&brimi_heap_n); /* at least this one */
  if (!brimi_is_wide(sc))
    return heaps > FEW_HEAPS ? BIN_EXTRA / 2 : BIN_EXTRA_FEW;
  size_t users = max_size(load_relaxed(&heap->host->users), 1);
  size_t share = load_relaxed(&heap->host->slab_bytes) / BIN_EXTRA_SHARE / users;
  size_t most = min_size(BIN_EXTRA_MOST, BIN_EXTRA_ALL / heaps);
  return max_size(heaps > FEW_HEAPS ? BIN_EXTRA : BIN_EXTRA_FEW, min_size(share, most));
}

/* Halves other bins that hold more than bin_own, by turns, until there is room for `more` bytes or no such bin is left. */
static COLD void halve_others(struct heap *heap, unsigned sc, size_t more, size_t max)
{
  size_t own = extra_bytes(sc, heap->limit[sc]);
  for (unsigned turns = CLASSES; heap->extra_bytes > own && heap->extra_bytes + more > max && turns > 0; turns--) {
    unsigned other = heap->next_halved = heap->next_halved < CLASSES - 1 ? heap->next_halved + 1 : 0;
    if (other != sc && has_extra(other, heap->limit[other]))
      shrink(heap, other, heap->limit[other] / 2);
  }
}

/* Beyond bin_own, a bin grows only if it runs full, or empty, twice in a row: the program frees several blocks, then
 * allocates several. If it frees and allocates by turns, bins run full as often as empty. A bin of wide blocks, which takes
 * few at a time, grows only when it runs full. Room that others have is taken from them once a bin has wanted it WANTED
 * times, and until its events alternate: with random sizes, each bin would else take it from the others all the time. If
 * that is not enough for a bin of wide blocks, and the room is just that of few heaps, it gets as much once more. */
static bool may_have(struct heap *heap, unsigned sc, unsigned limit, bool in_a_row)
{
  enum { WANTED = 128 };
  uint8_t *wanted = &heap->wanted[sc];
  if (!has_extra(sc, limit))
    return true;
  if (!in_a_row) {
    *wanted = *wanted < WANTED ? *wanted : 0;
    return false;
  }
  size_t more = extra_bytes(sc, limit) - extra_bytes(sc, heap->limit[sc]), max = extra_max(heap, sc);
  if (heap->extra_bytes + more > max && *wanted < WANTED)
    ++*wanted;
  if (*wanted == WANTED)
    halve_others(heap, sc, more, max);
  if (*wanted == WANTED && brimi_is_wide(sc) && max == BIN_EXTRA_FEW)
    max += BIN_EXTRA_FEW;
  return heap->extra_bytes + more <= max;
}

/* False if the bin is as large as it may be. */
static bool grow(struct heap *heap, unsigned sc, enum bin_event event)
{
  const struct class_info *info = &brimi_classes[sc];
  bool in_a_row = heap->last_event[sc] == event;
  heap->last_event[sc] = (uint8_t)event;
  unsigned old = heap->limit[sc], wanted = old ? (unsigned)min_size(old * 2, info->bin_max) : info->bin_first;
  /* A closed bin of wide blocks opens when a block is asked for, not freed; running empty, none outgrows bin_own. */
  bool is_due = !brimi_is_wide(sc) || (event == BIN_FULL ? old : !has_extra(sc, wanted));
  if (wanted == old || !is_due || !may_have_bin(sc) || !may_have(heap, sc, wanted, in_a_row))
    return false;
  set_limit(heap, sc, wanted);
  return true;
}

void brimi_bin_grow_for_mail(struct heap *heap, unsigned sc)
{
  heap->last_event[sc] = BIN_FULL;
  grow(heap, sc, BIN_FULL);
}

/* Empties the next bin of wide blocks, by turns; false if all are empty. Most of these blocks are alone in their slabs. */
static bool give_wide(struct heap *heap)
{
  for (unsigned turns = CLASSES - WIDE_FROM; turns > 0; turns--) {
    heap->next_given = heap->next_given > WIDE_FROM ? heap->next_given - 1 : CLASSES - 1;
    unsigned sc = heap->next_given, count = count_of(heap, sc);
    if (!count)
      continue;
    give_oldest(heap, sc, count);
    return true;
  }
  return false;
}

/* Whether kept slabs and bins of wide blocks hold more than a sixth of the heap, or the heap is small. */
static bool holds_much(struct heap *heap)
{
  enum { SMALL_HEAP = 2 << 20, MUCH_SHARE = 6 };
  size_t bytes = load_relaxed(&heap->host->slab_bytes);
  return bytes < SMALL_HEAP ||
         (load_relaxed(&heap->host->kept_bytes) + brimi_bins_bytes(heap, WIDE_FROM)) * MUCH_SHARE > bytes;
}

/* Takes blocks of the class from the host's slabs. Before it uses pages that were not in use yet, kept slabs and the bins
 * of wide blocks give way: a program that uses few blocks of many sizes then uses the same pages for them by turns. Those
 * of a large heap give way only if they hold much: else they would be empty all the time. For small blocks in a tiny heap
 * they do not: little is gained, and a wide block that is freed twice had better not be a small one's by then. */
static unsigned take_from_slabs(struct heap *heap, unsigned sc, unsigned wanted)
{
  enum { TINY_HEAP = 512 << 10 };
  struct entry *first = bottom_of(heap, sc) + 1;
  bool may_touch = !brimi_is_wide(sc) && load_relaxed(&heap->host->slab_bytes) < TINY_HEAP;
  unsigned count;
  while (!(count = brimi_heap_take(heap, sc, first, wanted, may_touch)) && !may_touch)
    may_touch = !holds_much(heap) || (!brimi_slabs_release_empty(heap->host, true) && !give_wide(heap));
  return count;
}

bool brimi_bin_refill(struct heap *heap, unsigned sc)
{
  unsigned limit = heap->limit[sc];
  heap->overflows[sc] = 0;
  grow(heap, sc, BIN_EMPTY);
  if (brimi_mail_waits(heap)) {
    brimi_mail_receive(heap, sc);
    if (count_of(heap, sc))
      return true;
    limit = (unsigned)min_size(limit, heap->limit[sc]); /* bins that grew for mail may have halved this one */
  }
  if (!heap->limit[sc])
    return false;
  /* Half of what it could hold before it grew; at first one, for a program that soon ends. Of blocks smaller than a
   * cache line it is four at first: the next one in the line might go to another thread with the same host. */
  unsigned count = take_from_slabs(heap, sc,
                                   limit                                  ? (limit + 1) / 2
                                   : brimi_classes[sc].bytes < CACHE_LINE ? CACHE_LINE / MIN_ALIGN
                                                                          : 1);
  heap->filled[sc].top = bottom_of(heap, sc) + count;
  return count != 0;
}

/* A bin of wide blocks that has run full several times since it was empty closes until a block is asked for: the
 * program frees what it does not need soon. */
static bool overflows(struct heap *heap, unsigned sc)
{
  enum { OVERFLOWS = 6 };
  return brimi_is_wide(sc) && heap->limit[sc] && ++heap->overflows[sc] >= OVERFLOWS;
}

void brimi_bin_push(struct heap *heap, unsigned sc, struct entry entry)
{
  struct bin *bin = &heap->filled[sc];
  if (bin->top == bin->end && !grow(heap, sc, BIN_FULL)) {
    if (overflows(heap, sc))
      shrink(heap, sc, 0);
    if (!heap->limit[sc]) {
      brimi_heap_give(&entry, 1);
      return;
    }
    give_oldest(heap, sc, (heap->limit[sc] + 1u) / 2);
  }
  *++bin->top = entry;
}
