#include "core/bins.h"
#include "base/bits.h"
#include "core/mail.h"
#include "core/options.h"

#include <string.h>

static struct entry *bottom_of(struct heap *heap, unsigned sc) { return heap->entries + brimi_classes[sc].entries; }

/* A class whose blocks may be as large as the threshold has no bin: each request of it is looked at. */
static bool may_have_bin(unsigned sc) { return brimi_classes[sc].bytes <= (uint64_t)brimi_options.mmap_threshold; }

/* A class of which a few blocks are as much as all bins of smaller blocks hold. */
static bool is_wide(unsigned sc) { return brimi_classes[sc].bytes > WIDE_BYTES; }

static void set_limit(struct heap *heap, unsigned sc, unsigned limit)
{
  if (is_wide(sc))
    heap->wide_bytes += ((size_t)limit - heap->limit[sc]) * brimi_classes[sc].bytes;
  heap->limit[sc] = (uint16_t)limit;
  heap->filled[sc].end = bottom_of(heap, sc) + limit;
}

void brimi_bins_set_up(struct heap *heap)
{
  heap->wide_bytes = 0;
  for (unsigned sc = 0; sc < CLASSES; sc++) {
    heap->limit[sc] = 0;
    heap->bins[sc] = brimi_empty_heap.bins[sc];
    heap->filled[sc] = (struct bin){bottom_of(heap, sc), bottom_of(heap, sc)};
  }
}

/* Gives the oldest blocks back to the slabs. */
static void give_oldest(struct heap *heap, unsigned sc, unsigned given)
{
  struct bin *bin = &heap->filled[sc];
  struct entry *bottom = bottom_of(heap, sc);
  brimi_heap_give(bottom + 1, given);
  bin->top -= given;
  memmove(bottom + 1, bottom + 1 + given, (size_t)(bin->top - bottom) * sizeof(struct entry));
}

static void shrink(struct heap *heap, unsigned sc, unsigned limit)
{
  unsigned count = (unsigned)brimi_bin_count(heap, sc);
  if (count > limit)
    give_oldest(heap, sc, count - limit);
  set_limit(heap, sc, limit);
}

void brimi_bins_flush(struct heap *heap)
{
  for (unsigned sc = 0; sc < CLASSES; sc++)
    if (heap->limit[sc])
      shrink(heap, sc, 0);
}

/* Halves wide bins in turn, but for that of `sc`, until it may hold `more` bytes more. One block each keeps its place. False
 * if there is no room even then. */
static bool make_room(struct heap *heap, unsigned sc, size_t more)
{
  for (unsigned turns = CLASSES; heap->wide_bytes + more > WIDE_MAX && turns > 0; turns--) {
    heap->next_halved = (heap->next_halved + 1) % CLASSES;
    unsigned limit = heap->limit[heap->next_halved];
    if (is_wide(heap->next_halved) && limit > 1 && heap->next_halved != sc)
      shrink(heap, heap->next_halved, limit / 2);
  }
  return heap->wide_bytes + more <= WIDE_MAX;
}

/* False if the bin is as large as it may be. */
static bool grow(struct heap *heap, unsigned sc)
{
  const struct class_info *info = &brimi_classes[sc];
  unsigned old = heap->limit[sc],
           first = (unsigned)min_size(BIN_FIRST_BLOCKS, max_size(1, BIN_FIRST_BYTES / info->bytes));
  unsigned wanted = (unsigned)min_size(old ? old * 2 : first, info->bin_max);
  if (wanted == old || !may_have_bin(sc) ||
      (is_wide(sc) && !make_room(heap, sc, (wanted - old) * (size_t)info->bytes)))
    return false;
  set_limit(heap, sc, wanted);
  return true;
}

bool brimi_bin_refill(struct heap *heap, unsigned sc)
{
  unsigned limit = heap->limit[sc];
  grow(heap, sc);
  if (brimi_mail_waits(heap)) {
    brimi_mail_receive(heap, sc);
    if (brimi_bin_count(heap, sc))
      return true;
  }
  if (!heap->limit[sc])
    return false;
  /* As many as it held before it grew: half of what it may hold, or less for a program that soon ends. */
  unsigned count = brimi_heap_take(heap, sc, bottom_of(heap, sc) + 1, limit ? (limit + 1) / 2 : 1);
  heap->filled[sc].top = bottom_of(heap, sc) + count;
  return count != 0;
}

void brimi_bin_push(struct heap *heap, unsigned sc, struct entry entry)
{
  struct bin *bin = &heap->filled[sc];
  if (bin->top == bin->end && !grow(heap, sc)) {
    if (!heap->limit[sc]) {
      brimi_heap_give(&entry, 1);
      return;
    }
    give_oldest(heap, sc, (heap->limit[sc] + 1u) / 2);
  }
  *++bin->top = entry;
}
