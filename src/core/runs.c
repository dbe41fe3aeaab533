#include "core/runs.h"
#include "base/bits.h"
#include "core/bitmap.h"
#include "core/huge.h"
#include "core/meta.h"
#include "core/options.h"
#include "core/pagemap.h"
#include "core/verify.h"
#include "os/os.h"

struct lock brimi_runs_lock CACHE_ALIGNED;

enum {
  GROW_MIN = 16,                             /* granules: 256 KiB at a time at first */
  GROW_MAX = 4096,                           /* 64 MiB at a time in a large heap */
  BREAK_RETRY = 64,                          /* growths by mmap between two tries of a break that was refused */
  HUGE = (int)(HUGE_BYTES >> GRANULE_SHIFT), /* granules of a huge page */
  HUGE_FROM = 8 * HUGE                       /* granules in use: a heap this large grows by huge pages */
};

/* Under brimi_runs_lock. */
static struct extent first_extent PAGE_ALIGNED;
static struct {
  struct extent *first;
  uintptr_t break_top; /* where our last growth of the break ended */
  size_t total, used;  /* granules in all extents; those of them that are not free */
  unsigned refusals;   /* growths to go before the break is tried again */
} heap;

enum {
  SAMPLE = HUGE * 3 / 4, /* least granules of a sample: three quarters of a huge page, backed by small ones */
  MISSING = 16,          /* one part in so many of a sample's pages may be unwritten */
  MISSING_AFTER = 3,     /* the same after huge pages: slabs that lie there fill without a fault */
  TRUST = 2              /* then huge pages follow, for half as much as is in use */
};
/* Whether what the heap hands out is written; under brimi_runs_lock. */
static struct {
  size_t granules; /* handed out since the sample began, not resident before */
  size_t faults;   /* of the process when it began */
  bool after_huge;
  size_t trusted; /* huge pages to go before the next sample */
} sample;
_Atomic size_t brimi_runs_dirty;

static void add_dirty(struct extent *extent, ptrdiff_t granules)
{
  extent->dirty_n += (size_t)granules;
  bump_relaxed(&brimi_runs_dirty, (size_t)granules);
}

static struct extent *extent_of(uintptr_t start)
{
  struct extent *extent = heap.first;
  while (extent && start - extent->start >= extent->granules << GRANULE_SHIFT)
    extent = extent->next;
  return extent;
}

/* ---- growing ---------------------------------------------------------------------------------------------------- */

/* Reuses an extent that was cut off as a whole, if there is one. */
static struct extent *new_extent(uintptr_t start, bool by_break)
{
  struct extent **at = &heap.first, *extent;
  while ((extent = *at) && extent->granules)
    at = &extent->next;
  if (!extent && !(extent = heap.first ? brimi_meta_pages(sizeof *extent) : &first_extent))
    return NULL;
  *at = extent;
  extent->start = start;
  extent->by_break = by_break;
  return extent;
}

/* Huge pages are only where back_by_huge_page asks for them, whatever the system would do by itself. It gives this
 * advice again afterwards, so that an extent stays one mapping for the kernel. */
static void advise_small(struct extent *extent, size_t from)
{
  if (extent->granules <= HUGE)
    return;
  size_t first = from > HUGE ? from : 0;
  brimi_os_advise_huge((void *)(extent->start + (first << GRANULE_SHIFT)),
                       (extent->granules - first) << GRANULE_SHIFT, false);
}

/* The range is fresh and zero. Appends it to the extent that ends where it starts, or makes a new one of it. */
static bool add_range(uintptr_t start, size_t granules, bool by_break)
{
  if (!brimi_pagemap_reserve(start, granules << GRANULE_SHIFT, LEAF_HEAP))
    return false;
  struct extent *extent = heap.first;
  while (extent && (extent->start + (extent->granules << GRANULE_SHIFT) != start || extent->by_break != by_break ||
                    extent->granules + granules > EXTENT_GRANULES))
    extent = extent->next;
  if (!extent && !(extent = new_extent(start, by_break)))
    return false;
  size_t at = extent->granules;
  extent->granules += granules;
  heap.total += granules;
  brimi_bitmap_set(&extent->words->free, at, granules);
  extent->free_n += granules;
  extent->first_free = min_size(extent->first_free, at / 64);
  extent->no_run_of = SIZE_MAX;
  advise_small(extent, at);
  return true;
}

/* The unit in which the system gives memory and takes it back: a granule, or a page if that is larger. */
static size_t unit_bytes(void) { return max_size(GRANULE, brimi_page_bytes); }
static size_t unit(void) { return unit_bytes() >> GRANULE_SHIFT; }

/* The heap grows by whole pages: none is shared with another caller of sbrk, who may have written to it. */
static size_t grown_bytes(size_t granules) { return align_up(granules << GRANULE_SHIFT, unit_bytes()); }

/* Moves the break up by `granules` granules, and by what aligns its start. Bytes that another caller took below are skipped. */
static bool grow_break(size_t granules)
{
  size_t bytes = grown_bytes(granules);
  uintptr_t old = (uintptr_t)brimi_os_break();
  size_t gap = old ? align_up(old, unit_bytes()) - old : unit_bytes();
  uintptr_t start = (uintptr_t)brimi_os_break_grow(bytes + gap);
  if (!start)
    return false;
  uintptr_t aligned = align_up(start, unit_bytes()), end = start + bytes + gap;
  size_t usable = end > aligned ? align_down(end - aligned, unit_bytes()) >> GRANULE_SHIFT : 0;
  if (usable && add_range(aligned, usable, true)) {
    heap.break_top = aligned + (usable << GRANULE_SHIFT);
    return true;
  }
  brimi_os_break_lower((void *)end, bytes + gap);
  return false;
}

static bool grow_mapping(size_t granules)
{
  size_t bytes = grown_bytes(granules);
  char *start = brimi_os_map_aligned(bytes, GRANULE);
  if (!start)
    return false;
  brimi_os_name(start, bytes, "brim: heap");
  if (add_range((uintptr_t)start, bytes >> GRANULE_SHIFT, false))
    return true;
  brimi_os_unmap(start, bytes);
  return false;
}

/* Free granules at the end of the extent that the break would lengthen; 0 if another caller has moved the break, or
 * if a run of `granules` would make the extent too long. */
static size_t free_at_top(size_t granules)
{
  if (!heap.break_top || (uintptr_t)brimi_os_break() != heap.break_top)
    return 0;
  for (struct extent *extent = heap.first; extent; extent = extent->next)
    if (extent->by_break && extent->granules + granules <= EXTENT_GRANULES &&
        extent->start + (extent->granules << GRANULE_SHIFT) == heap.break_top)
      return brimi_bitmap_tail(&extent->words->free, extent->granules);
  return 0;
}

/* A heap of huge pages grows to the end of one, so that none is cut in two by a growth. */
static size_t step_now(void)
{
  size_t step = min_size(max_size(heap.total / 8, GROW_MIN), GROW_MAX);
  if (heap.used < HUGE_FROM)
    return step;
  return (align_up(heap.break_top + (step << GRANULE_SHIFT), HUGE_BYTES) - heap.break_top) >> GRANULE_SHIFT;
}

/* Grows by a step if possible, else by less. */
static bool grow_by(bool (*how)(size_t), size_t granules, size_t step)
{
  return how(max_size(granules, step)) || how(max_size(granules, GROW_MIN)) || how(granules);
}

/* A break that was refused is not tried for a while. */
static bool break_is_due(void)
{
  if (heap.refusals)
    return heap.refusals--, false;
  return brimi_options.use_break;
}

static bool grow(size_t granules)
{
  size_t step = step_now();
  size_t top = free_at_top(granules), missing = granules > top ? granules - top : granules;
  if (break_is_due()) {
    if (grow_by(grow_break, missing, step))
      return true;
    heap.refusals = granules <= GROW_MIN ? BREAK_RETRY : 0; /* a few may be granted where many are refused */
  }
  return grow_by(grow_mapping, granules, step);
}

/* ---- taking and giving back -------------------------------------------------------------------------------------- */

static size_t find_in(struct extent *extent, size_t granules, enum runs_source source)
{
  size_t words = (extent->granules + 63) / 64;
  if (extent->free_n < granules || granules >= extent->no_run_of)
    return BITMAP_NONE;
  if (extent->dirty_n >= granules) {
    size_t at = brimi_bitmap_find(&extent->words->dirty, &extent->first_dirty, words, granules);
    if (at != BITMAP_NONE)
      return at;
  }
  if (source == RUNS_DIRTY)
    return BITMAP_NONE;
  size_t at = brimi_bitmap_find(&extent->words->free, &extent->first_free, words, granules);
  if (at == BITMAP_NONE)
    extent->no_run_of = granules;
  return at;
}

/* Takes a free run; returns how many of its granules were fresh. */
static size_t take(struct extent *extent, size_t at, size_t granules, struct run *run)
{
  size_t dirty = brimi_bitmap_count(&extent->words->dirty, at, granules);
  brimi_bitmap_clear(&extent->words->free, at, granules);
  brimi_bitmap_clear(&extent->words->dirty, at, granules);
  brimi_bitmap_clear(&extent->words->old, at, granules);
  extent->free_n -= granules;
  heap.used += granules;
  add_dirty(extent, -(ptrdiff_t)dirty);
  run->start = extent->start + (at << GRANULE_SHIFT);
  run->is_zero = dirty == 0;
  return granules - dirty;
}

/* A page is resident as a whole. Where it is larger than a granule, the free granules beside a dirty one count as
 * dirty, too, so that it goes back once all of it is free. */
static void mark_pages(struct extent *extent, size_t at, size_t granules)
{
  size_t first = align_down(at, unit()), end = align_up(at + granules, unit());
  for (size_t i = first; i < end; i++) {
    uint64_t bit = UINT64_C(1) << i % 64 & extent->words[i / 64].free & ~extent->words[i / 64].dirty;
    extent->words[i / 64].dirty |= bit;
    add_dirty(extent, bit != 0);
  }
  extent->first_dirty = min_size(extent->first_dirty, first / 64);
}

/* Caller holds the lock. */
static void give(struct extent *extent, size_t at, size_t granules, bool dirty)
{
  brimi_bitmap_set(&extent->words->free, at, granules);
  extent->free_n += granules;
  heap.used -= granules;
  extent->first_free = min_size(extent->first_free, at / 64);
  extent->no_run_of = SIZE_MAX;
  if (!dirty)
    return;
  brimi_bitmap_set(&extent->words->dirty, at, granules);
  extent->first_dirty = min_size(extent->first_dirty, at / 64);
  add_dirty(extent, (ptrdiff_t)granules);
  if (unit() > 1)
    mark_pages(extent, at, granules);
}

/* ---- huge pages -------------------------------------------------------------------------------------------------- */

static void begin_sample(size_t faults, bool after_huge)
{
  sample.granules = 0;
  sample.faults = faults;
  sample.after_huge = after_huge;
}

/* A huge page costs what is never written of it. A sample of small pages tells how much that is: each one written is
 * a fault. Faults of other memory make a sample look fuller than it is, never emptier. */
static bool is_filled(void)
{
  if (!sample.trusted && sample.granules >= SAMPLE) {
    size_t faults = brimi_os_faults(), pages = (sample.granules << GRANULE_SHIFT) / brimi_page_bytes;
    size_t missing = pages / (sample.after_huge ? MISSING_AFTER : MISSING);
    /* Signed: in the child of a fork, the kernel counts from zero. */
    if ((ptrdiff_t)(faults - sample.faults) >= (ptrdiff_t)(pages - missing))
      sample.trusted = heap.used / (TRUST * HUGE);
    begin_sample(faults, false);
  }
  return sample.trusted;
}

/* Before a granule is used in a large heap: if all of the huge page around it is free and fresh, one fault makes all
 * of it resident. The rest then counts as dirty, and so is used next: of a heap that fills from low to high, at most
 * one such page is ahead of need. The lock is open meanwhile, but the page is taken, and nobody else's. */
static bool back_by_huge_page(struct extent *extent, size_t at)
{
  uintptr_t start = align_down(extent->start + (at << GRANULE_SHIFT), HUGE_BYTES);
  size_t first = (start - extent->start) >> GRANULE_SHIFT;
  if (heap.used < HUGE_FROM || start < extent->start || first + HUGE > extent->granules ||
      brimi_bitmap_count(&extent->words->free, first, HUGE) != HUGE ||
      brimi_bitmap_count(&extent->words->dirty, first, HUGE) || !is_filled() || !brimi_huge_due(HUGE_BYTES))
    return false;
  struct run run;
  take(extent, first, HUGE, &run);
  brimi_unlock(&brimi_runs_lock);
  bool backed = brimi_huge_back((void *)start);
  brimi_lock(&brimi_runs_lock);
  give(extent, first, HUGE, backed);
  if (sample.trusted && --sample.trusted == 0)
    begin_sample(brimi_os_faults(), true);
  return true;
}

static bool take_first_fit(size_t granules, enum runs_source source, struct run *run)
{
  for (struct extent *extent = heap.first; extent; extent = extent->next) {
    size_t at = find_in(extent, granules, source);
    if (at != BITMAP_NONE && source == RUNS_FILLED && back_by_huge_page(extent, at + granules - 1))
      at = find_in(extent, granules, source);
    if (at == BITMAP_NONE)
      continue;
    sample.granules += take(extent, at, granules, run);
    return true;
  }
  return false;
}

bool brimi_runs_alloc(size_t granules, enum runs_source source, struct run *run)
{
  if (granules == 0 || granules > EXTENT_GRANULES)
    return false;
  brimi_lock(&brimi_runs_lock);
  size_t before = heap.total;
  bool found = take_first_fit(granules, source, run);
  if (!found && source != RUNS_DIRTY)
    found = grow(granules) && take_first_fit(granules, source, run);
  run->grown = (heap.total - before) << GRANULE_SHIFT;
  brimi_unlock(&brimi_runs_lock);
  return found;
}

void brimi_runs_free(uintptr_t start, size_t granules)
{
  brimi_lock(&brimi_runs_lock);
  struct extent *extent = extent_of(start);
  give(extent, (start - extent->start) >> GRANULE_SHIFT, granules, true);
  brimi_unlock(&brimi_runs_lock);
}

/* ---- giving back to the system ----------------------------------------------------------------------------------- */

enum { PURGE_STEP = 256 }; /* granules: 4 MiB at a time, so that nobody waits long for the run */

void brimi_runs_age(void)
{
  brimi_lock(&brimi_runs_lock);
  for (struct extent *extent = heap.first; extent; extent = extent->next)
    if (extent->dirty_n)
      for (size_t i = 0; i < (extent->granules + 63) / 64; i++)
        extent->words[i].old = extent->words[i].dirty;
  brimi_unlock(&brimi_runs_lock);
}

/* Narrows the range to whole pages; false if none is left. */
static bool cut_to_pages(size_t *first, size_t *end)
{
  if (unit() == 1)
    return true;
  *first = min_size(align_up(*first, unit()), *end);
  *end = max_size(align_down(*end, unit()), *first);
  return *first < *end;
}

/* Gives the next run's pages back. Meanwhile the run is taken, and nobody else's. */
static size_t purge_run(struct extent *extent, const uint64_t *which, size_t *from)
{
  brimi_lock(&brimi_runs_lock);
  size_t at, granules = brimi_bitmap_next_run(which, extent->granules, *from, PURGE_STEP, &at);
  if (granules == PURGE_STEP)
    granules -= (at + granules) % unit();
  struct run run;
  if (granules)
    take(extent, at, granules, &run);
  brimi_unlock(&brimi_runs_lock);
  *from = at + granules;
  if (!granules)
    return 0;
  size_t first = at, end = *from;
  bool any = cut_to_pages(&first, &end);
  size_t bytes = (end - first) << GRANULE_SHIFT;
  bool purged = any && brimi_os_purge((void *)(run.start + ((first - at) << GRANULE_SHIFT)), bytes);
  brimi_lock(&brimi_runs_lock);
  give(extent, first, end - first, !purged);
  if (first > at)
    give(extent, at, first - at, true);
  if (end < *from)
    give(extent, end, *from - end, true);
  brimi_unlock(&brimi_runs_lock);
  return purged ? bytes : 0;
}

struct extent *brimi_runs_extent(size_t index, uintptr_t *start, size_t *granules)
{
  brimi_lock(&brimi_runs_lock);
  struct extent *extent = heap.first;
  while (extent && index--)
    extent = extent->next;
  if (extent)
    *start = extent->start, *granules = extent->granules;
  brimi_unlock(&brimi_runs_lock);
  return extent;
}

size_t brimi_runs_purge(bool only_old, size_t enough)
{
  size_t total = 0, granules;
  uintptr_t start;
  struct extent *extent;
  for (size_t index = 0; (extent = brimi_runs_extent(index, &start, &granules)); index++)
    for (size_t from = 0; from < granules && total < enough;)
      total += purge_run(extent, only_old ? &extent->words->old : &extent->words->dirty, &from);
  return total;
}

/* Cuts off the free end of an extent, but for `keep` granules; of one by the break, only at the break's top. Returns bytes. */
static size_t cut(struct extent *extent, size_t keep)
{
  uintptr_t end = extent->start + (extent->granules << GRANULE_SHIFT);
  size_t tail = brimi_bitmap_tail(&extent->words->free, extent->granules);
  tail = tail > keep ? align_down(tail - keep, unit()) : 0;
  if (!tail || (extent->by_break && end != heap.break_top))
    return 0;
  size_t bytes = tail << GRANULE_SHIFT;
  if (!(extent->by_break ? brimi_os_break_lower((void *)end, bytes) : brimi_os_unmap((void *)(end - bytes), bytes)))
    return 0;
  if (extent->by_break)
    heap.break_top = end - bytes;
  extent->granules -= tail;
  struct run run;
  take(extent, extent->granules, tail, &run);
  heap.total -= tail;
  heap.used -= tail;
  return bytes;
}

size_t brimi_runs_cut(size_t pad)
{
  size_t bytes = 0;
  brimi_lock(&brimi_runs_lock);
  for (struct extent *extent = heap.first; extent; extent = extent->next)
    bytes += cut(extent, (pad >> GRANULE_SHIFT) + (pad % GRANULE != 0));
  brimi_unlock(&brimi_runs_lock);
  return bytes;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

void brimi_runs_usage(struct runs_usage *usage)
{
  *usage = (struct runs_usage){0};
  brimi_lock(&brimi_runs_lock);
  for (struct extent *extent = heap.first; extent; extent = extent->next) {
    *(extent->by_break ? &usage->break_bytes : &usage->mapped_bytes) += extent->granules << GRANULE_SHIFT;
    usage->free_bytes += extent->free_n << GRANULE_SHIFT;
    usage->dirty_bytes += extent->dirty_n << GRANULE_SHIFT;
    usage->extents++;
  }
  brimi_unlock(&brimi_runs_lock);
}

const char *brimi_runs_verify(void)
{
  const char *broken = NULL;
  size_t total = 0, used = 0;
  brimi_lock(&brimi_runs_lock);
  for (struct extent *extent = heap.first; extent; extent = extent->next) {
    size_t words = (extent->granules + 63) / 64;
    total += extent->dirty_n;
    used += extent->granules - extent->free_n;
    if (brimi_bitmap_count(&extent->words->free, 0, EXTENT_GRANULES) != extent->free_n ||
        brimi_bitmap_count(&extent->words->dirty, 0, EXTENT_GRANULES) != extent->dirty_n)
      broken = "R4: a count is not that of its bitmap, or a bit is set beyond the extent's end";
    for (size_t i = 0; i < words; i++)
      if ((extent->words[i].dirty | extent->words[i].old) & ~extent->words[i].free)
        broken = "R1: dirty and old are not subsets of free";
      else if ((i < extent->first_free && extent->words[i].free) ||
               (i < extent->first_dirty && extent->words[i].dirty))
        broken = "R4: a hint lies too high";
  }
  if (total != load_relaxed(&brimi_runs_dirty) || used != heap.used)
    broken = "R4: the dirty or the used granules are not the sum of the extents'";
  brimi_unlock(&brimi_runs_lock);
  return broken;
}
