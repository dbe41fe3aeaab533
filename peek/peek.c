/* peek.c: walks the structs of src/core in another process's memory. */
#define _GNU_SOURCE
#include "peek.h"
#include "variables.h"

#include "core/heap.h"
#include "core/runs.h"
#include "os/os.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>

/* The variables that are read; of the front, only how large it is. Sizes tell whether the structs are those of this build; 0:
 * whatever it is. */
enum which {
  FIRST_HEAP,
  FIRST_EXTENT,
  CLASSES_TABLE,
  FRONT,
  MAPPED_N,
  MAPPED_BYTES,
  BREAK_BYTES,
  POOL_BYTES,
  META_BYTES,
  META_FIRST,
  CALLS_OF_SYSTEM,
  WANTED
};
static const struct {
  const char *file, *name;
  uint64_t bytes;
} wanted[WANTED] = {
    [FIRST_HEAP] = {"heap.c", "first_heap", sizeof(struct heap *)},
    [FIRST_EXTENT] = {"runs.c", "first_extent", sizeof(struct extent)},
    [CLASSES_TABLE] = {NULL, "brimi_classes", sizeof brimi_classes},
    [FRONT] = {NULL, "brimi_front", sizeof(struct front)},
    [MAPPED_N] = {NULL, "brimi_large_mapped_n", sizeof(size_t)},
    [MAPPED_BYTES] = {NULL, "brimi_large_mapped_bytes", sizeof(size_t)},
    [BREAK_BYTES] = {"large.c", "break_bytes", sizeof(size_t)},
    [POOL_BYTES] = {NULL, "brimi_pool_bytes", sizeof(size_t)},
    [META_BYTES] = {"meta.c", "area_bytes", sizeof(size_t)},
    [META_FIRST] = {"meta.c", "first_records", 0},
    [CALLS_OF_SYSTEM] = {"os_mem.c", "calls", sizeof(uint64_t[OS_CALLS])},
};

struct process {
  pid_t pid;
  struct variable variables[WANTED];
  enum peek_result result; /* of the first read that failed, or PEEK_READ */
};

/* Zero where it can't be read. */
static void copy(struct process *process, uint64_t address, void *bytes, size_t size)
{
  struct iovec to = {bytes, size}, from = {(void *)(uintptr_t)address, size};
  if (process->result == PEEK_READ && process_vm_readv(process->pid, &to, 1, &from, 1, 0) != (ssize_t)size)
    process->result = errno == EPERM ? PEEK_FORBIDDEN : PEEK_GONE;
  if (process->result != PEEK_READ)
    memset(bytes, 0, size);
}

static void copy_variable(struct process *process, enum which which, void *bytes, size_t size)
{
  copy(process, process->variables[which].address, bytes, size);
}

static uint64_t number(struct process *process, enum which which)
{
  uint64_t value = 0;
  copy_variable(process, which, &value, sizeof value);
  return value;
}

/* ---- heaps ------------------------------------------------------------------------------------------------------- */

/* As brimi_bin_count counts; a bin that moves meanwhile may say nonsense, and counts as empty. */
static uint64_t bin_bytes(struct process *process, const struct heap *heap, const struct class_info *classes)
{
  struct bin bins[CLASSES];
  uint64_t bytes = 0;
  copy(process, (uintptr_t)heap->filled, bins, sizeof bins);
  for (unsigned sc = 0; sc < CLASSES && process->result == PEEK_READ; sc++) {
    size_t index = ((uintptr_t)bins[sc].top - (uintptr_t)heap->entries) / sizeof(struct entry);
    size_t count = index - classes[sc].entries[brimi_bin_tier_at(index)];
    bytes += count <= heap->limit[sc] ? count * classes[sc].bytes : 0;
  }
  return bytes;
}

/* What lies in its slots of large blocks. */
static uint64_t slot_bytes(struct process *process, const struct heap *heap)
{
  uint64_t bytes = 0;
  for (unsigned i = 0; i < LARGE_SLOTS; i++) {
    struct slab slab;
    if (!heap->large_slots[i].room)
      continue;
    copy(process, (uintptr_t)heap->large_slots[i].slab, &slab, sizeof slab);
    bytes += slab.bytes;
  }
  return bytes;
}

/* Returns the bytes of blocks that are not FREE. */
static uint64_t read_heaps(struct process *process, struct stats *rows)
{
  static struct class_info classes[CLASSES];
  static struct heap heap;
  uint64_t used = 0;
  copy_variable(process, CLASSES_TABLE, classes, sizeof classes);
  for (uint64_t at = number(process, FIRST_HEAP); at && process->result == PEEK_READ; at = (uintptr_t)heap.next) {
    copy(process, at, &heap, sizeof heap);
    rows->heaps++;
    used += heap.used_bytes;
    rows->heap_cached += heap.open_bytes + heap.mail_bytes + bin_bytes(process, &heap, classes);
    rows->mappings_cached += slot_bytes(process, &heap);
    rows->calls_malloc += heap.calls[CALL_MALLOC];
    rows->calls_calloc += heap.calls[CALL_CALLOC];
    rows->calls_realloc += heap.calls[CALL_REALLOC];
    rows->calls_aligned += heap.calls[CALL_ALIGNED];
    rows->calls_free += heap.calls[CALL_FREE];
  }
  return used;
}

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

static void read_extents(struct process *process, struct stats *rows)
{
  static struct extent extent;
  uint64_t at = process->variables[FIRST_EXTENT].address, free_n = 0, dirty_n = 0;
  for (; at && process->result == PEEK_READ; at = (uintptr_t)extent.next) {
    copy(process, at, &extent, offsetof(struct extent, words)); /* without its bitmaps */
    *(extent.by_break ? &rows->break_heap : &rows->mapped_heap) += (uint64_t)extent.granules << GRANULE_SHIFT;
    free_n += extent.free_n;
    dirty_n += extent.dirty_n;
  }
  rows->heap_free = free_n << GRANULE_SHIFT;
  rows->heap_free_resident = dirty_n << GRANULE_SHIFT;
}

static void read_large(struct process *process, struct stats *rows)
{
  rows->mappings = number(process, MAPPED_BYTES);
  rows->mapping_count = number(process, MAPPED_N);
  rows->mappings_cached += number(process, POOL_BYTES);
}

static void read_calls(struct process *process, struct stats *rows)
{
  uint64_t calls[OS_CALLS] = {0};
  copy_variable(process, CALLS_OF_SYSTEM, calls, sizeof calls);
  rows->calls_brk = calls[OS_BRK];
  rows->calls_mmap = calls[OS_MMAP];
  rows->calls_munmap = calls[OS_MUNMAP];
  rows->calls_mremap = calls[OS_MREMAP];
  rows->calls_madvise = calls[OS_MADVISE];
}

enum peek_result peek_read(pid_t pid, const char *path, uint64_t bias, struct stats *rows)
{
  static const enum peek_result results[] = {PEEK_READ, PEEK_NO_FILE, PEEK_STRIPPED, PEEK_OTHER};
  struct process process = {.pid = pid};
  for (int i = 0; i < WANTED; i++)
    process.variables[i] = (struct variable){.file = wanted[i].file, .name = wanted[i].name};
  process.result = results[variables_find(path, process.variables, WANTED)];
  for (int i = 0; i < WANTED && process.result == PEEK_READ; i++) {
    process.variables[i].address += bias;
    if (wanted[i].bytes && wanted[i].bytes != process.variables[i].bytes)
      process.result = PEEK_OTHER;
  }
  uint64_t used = read_heaps(&process, rows);
  read_extents(&process, rows);
  read_large(&process, rows);
  brimi_stats_derive(rows, used, number(&process, BREAK_BYTES));
  rows->metadata = process.variables[META_FIRST].bytes + number(&process, META_BYTES);
  read_calls(&process, rows);
  return process.result;
}
