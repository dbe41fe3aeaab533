#include "core/bins.h"
#include "base/bits.h"
#include "core/mail.h"
#include "core/options.h"

#include <string.h>

static struct entry *bottom_of(struct heap *heap, unsigned sc) { return heap->entries + brimi_classes[sc].entries; }

/* A class whose blocks may be as large as the threshold has no bin: each request of it is looked at. */
static bool may_have_bin(unsigned sc) { return brimi_classes[sc].bytes <= (uint64_t)brimi_options.mmap_threshold; }

static void set_limit(struct heap *heap, unsigned sc, unsigned limit)
{
  heap->limit[sc] = (uint16_t)limit;
  heap->filled[sc].end = bottom_of(heap, sc) + limit;
}

void brimi_bins_set_up(struct heap *heap)
{
  for (unsigned sc = 0; sc < CLASSES; sc++) {
    heap->limit[sc] = 0;
    heap->bins[sc] = brimi_empty_heap.bins[sc];
    heap->filled[sc] = (struct bin){bottom_of(heap, sc), bottom_of(heap, sc)};
  }
}

static void empty_bin(struct heap *heap, unsigned sc)
{
  struct bin *bin = &heap->filled[sc];
  struct entry *bottom = bottom_of(heap, sc);
  unsigned count = (unsigned)(bin->top - bottom);
  bin->top = bottom;
  brimi_heap_give(bottom + 1, count);
}

void brimi_bins_flush(struct heap *heap)
{
  for (unsigned sc = 0; sc < CLASSES; sc++)
    if (heap->limit[sc]) {
      empty_bin(heap, sc);
      set_limit(heap, sc, 0);
    }
}

/* False if the bin is as large as it may be. */
static bool grow(struct heap *heap, unsigned sc)
{
  const struct class_info *info = &brimi_classes[sc];
  unsigned old = heap->limit[sc],
           first = (unsigned)min_size(BIN_FIRST_BLOCKS, max_size(1, BIN_FIRST_BYTES / info->bytes));
  unsigned wanted = (unsigned)min_size(old ? old * 2 : first, info->bin_max);
  if (wanted == old || !may_have_bin(sc))
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

/* The bin is full and grows no more: its older half goes back to the slabs. */
static void give_half(struct heap *heap, unsigned sc)
{
  struct bin *bin = &heap->filled[sc];
  struct entry *bottom = bottom_of(heap, sc);
  unsigned count = heap->limit[sc], given = (count + 1) / 2;
  brimi_heap_give(bottom + 1, given);
  memmove(bottom + 1, bottom + 1 + given, (count - given) * sizeof(struct entry));
  bin->top -= given;
}

void brimi_bin_push(struct heap *heap, unsigned sc, struct entry entry)
{
  struct bin *bin = &heap->filled[sc];
  if (bin->top == bin->end && !grow(heap, sc)) {
    if (!heap->limit[sc]) {
      brimi_heap_give(&entry, 1);
      return;
    }
    give_half(heap, sc);
  }
  *++bin->top = entry;
}
