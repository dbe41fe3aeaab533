/* runs.h: the break heap as runs of granules.
 *
 * The heap is one or more extents: contiguous pieces of address space, the first ones by sbrk, others by mmap where the
 * break is refused. A piece that another caller of sbrk took in between ends an extent and is never touched.
 *
 * Each extent has a bitmap of free granules and one of those among them that are dirty (resident, contents unknown).
 * Bitmaps coalesce by themselves; the search is from low to high addresses, so that the top of the heap runs empty. It
 * prefers dirty runs: they cost no page fault.
 *
 * R1  dirty and old are subsets of free; a free granule that is not dirty reads as zero and is not resident, with two
 *     exceptions: a page that came small where the system was asked for a huge one, and one larger than a granule and
 *     partly in use.
 * R2  every granule of an extent has a leaf in the page map.
 * R3  the break moves only under brimi_runs_lock.
 * R4  counts and sums are those of the bitmaps, and no hint lies above what it stands for. */
#ifndef BRIM_RUNS_H
#define BRIM_RUNS_H

#include "core/sizeclass.h"
#include "os/lock.h"

INTERNAL struct lock brimi_runs_lock;

struct run {
  uintptr_t start;
  bool is_zero;
  size_t grown; /* bytes that the heap had to grow by */
};

/* Where a run comes from. DIRTY: granules that are free and dirty, and nothing else. ANY: fresh memory, too, if need
 * be. FILLED: the same for a run that will soon be filled, by huge pages if the heap is large and its pages are
 * written; the caller then holds a heap's lock, so that no fork comes in between. */
enum runs_source { RUNS_DIRTY, RUNS_ANY, RUNS_FILLED };

/* Takes `granules` granules in a row. False if there are none, or memory is out. */
bool brimi_runs_alloc(size_t granules, enum runs_source source, struct run *run);
/* Gives them back; they count as dirty. */
void brimi_runs_free(uintptr_t start, size_t granules);

/* Gives free memory back to the system: all of it, or (`only_old`) what was already free at the last call of brimi_runs_age; it
 * stops once that is `enough` bytes. The caller holds brimi_purge_lock; no lock of a higher rank is held during a system call.
 * Returns bytes given back. */
size_t brimi_runs_purge(bool only_old, size_t enough);
void brimi_runs_age(void);
/* Gives address space back: the free end of each extent by mmap, and of the one at the top of the break, each but for
 * `pad` bytes. Returns bytes. */
size_t brimi_runs_cut(size_t pad);

struct runs_usage {
  size_t break_bytes;  /* of extents by sbrk */
  size_t mapped_bytes; /* of extents by mmap */
  size_t free_bytes;   /* in free runs */
  size_t dirty_bytes;  /* of these, resident */
  size_t extents;
};
void brimi_runs_usage(struct runs_usage *usage);
/* Granules in free dirty runs; relaxed: a hint for purge.c. */
INTERNAL _Atomic size_t brimi_runs_dirty;
static inline size_t brimi_runs_dirty_bytes(void) { return load_relaxed(&brimi_runs_dirty) << GRANULE_SHIFT; }

enum {
  EXTENT_GRANULES = 1 << 16, /* at most 1 GiB: bitmaps of 24 KiB, of which only the pages in use are touched */
  EXTENT_WORDS = EXTENT_GRANULES / 64
};
/* Under brimi_runs_lock. In the header for peek/, which reads those of another process. */
struct extent {
  uintptr_t start;
  size_t granules, free_n, dirty_n;
  size_t first_free, first_dirty; /* words; none is set below */
  size_t no_run_of;               /* no free run is this long; SIZE_MAX: not known */
  bool by_break;
  struct extent *next; /* in the order of creation */
  struct {
    uint64_t free, dirty, old;
  } words[EXTENT_WORDS];
};
/* Extent `index` as it is now; NULL past the last. Extents only grow in number, and shrink only at their end. */
struct extent *brimi_runs_extent(size_t index, uintptr_t *start, size_t *granules);

#endif
