/* peek.c: walks the structs of src/core in another process's memory. */
#include "peek.h"

#include "core/heap.h"
#include "core/runs.h"
#include "os/os.h"

#include <stddef.h>

/* ---- heaps ------------------------------------------------------------------------------------------------------- */

/* Counts as brimi_bin_count() does. A bin that changes meanwhile may look like nonsense, and counts as empty. */
static uint64_t bin_bytes(struct target *target, const struct heap *heap, const struct class_info *classes)
{
  struct bin bins[CLASSES];
  uint64_t bytes = 0;
  target_copy(target, (uintptr_t)heap->filled, bins, sizeof bins);
  for (unsigned sc = 0; sc < CLASSES && target->result == PEEK_READ; sc++) {
    size_t index = ((uintptr_t)bins[sc].top - (uintptr_t)heap->entries) / sizeof(struct entry);
    size_t count = index - classes[sc].entries[brimi_bin_tier_at(index)];
    bytes += count <= heap->limit[sc] ? count * classes[sc].bytes : 0;
  }
  return bytes;
}

/* Freed mappings in the heap's slots for large blocks. */
static uint64_t slot_bytes(struct target *target, const struct heap *heap)
{
  uint64_t bytes = 0;
  for (unsigned i = 0; i < LARGE_SLOTS; i++) {
    struct slab slab;
    if (!heap->large_slots[i].room)
      continue;
    target_copy(target, (uintptr_t)heap->large_slots[i].slab, &slab, sizeof slab);
    bytes += slab.bytes;
  }
  return bytes;
}

/* Returns the bytes of blocks that are not FREE. */
static uint64_t read_heaps(struct target *target, struct stats *rows)
{
  static struct class_info classes[CLASSES];
  static struct heap heap;
  uint64_t used = 0;
  target_variable(target, CLASSES_TABLE, classes, sizeof classes);
  for (uint64_t at = target_number(target, FIRST_HEAP); at && target->result == PEEK_READ;
       at = (uintptr_t)heap.next) {
    target_copy(target, at, &heap, sizeof heap);
    rows->heaps++;
    used += heap.used_bytes;
    rows->heap_cached += heap.open_bytes + heap.mail_bytes + bin_bytes(target, &heap, classes);
    rows->mappings_cached += slot_bytes(target, &heap);
    rows->calls_malloc += heap.calls[CALL_MALLOC];
    rows->calls_calloc += heap.calls[CALL_CALLOC];
    rows->calls_realloc += heap.calls[CALL_REALLOC];
    rows->calls_aligned += heap.calls[CALL_ALIGNED];
    rows->calls_free += heap.calls[CALL_FREE];
  }
  return used;
}

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

static void read_extents(struct target *target, struct stats *rows)
{
  static struct extent extent;
  uint64_t at = target->variables[FIRST_EXTENT].address, free_n = 0, dirty_n = 0;
  for (; at && target->result == PEEK_READ; at = (uintptr_t)extent.next) {
    target_copy(target, at, &extent, offsetof(struct extent, words)); /* without its bitmaps */
    *(extent.by_break ? &rows->break_heap : &rows->mapped_heap) += (uint64_t)extent.granules << GRANULE_SHIFT;
    free_n += extent.free_n;
    dirty_n += extent.dirty_n;
  }
  rows->heap_free = free_n << GRANULE_SHIFT;
  rows->heap_free_resident = dirty_n << GRANULE_SHIFT;
}

static void read_large(struct target *target, struct stats *rows)
{
  rows->mappings = target_number(target, MAPPED_BYTES);
  rows->mapping_count = target_number(target, MAPPED_N);
  rows->mappings_cached += target_number(target, POOL_BYTES);
}

static void read_calls(struct target *target, struct stats *rows)
{
  uint64_t calls[OS_CALLS] = {0};
  target_variable(target, CALLS_OF_SYSTEM, calls, sizeof calls);
  rows->calls_brk = calls[OS_BRK];
  rows->calls_mmap = calls[OS_MMAP];
  rows->calls_munmap = calls[OS_MUNMAP];
  rows->calls_mremap = calls[OS_MREMAP];
  rows->calls_madvise = calls[OS_MADVISE];
}

enum peek_result peek_read(struct target *target, struct stats *rows)
{
  uint64_t used = read_heaps(target, rows);
  read_extents(target, rows);
  read_large(target, rows);
  brimi_stats_derive(rows, used, target_number(target, BREAK_BYTES));
  rows->metadata = target->variables[META_FIRST].bytes + target_number(target, META_BYTES);
  read_calls(target, rows);
  return target->result;
}
