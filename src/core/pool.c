#include "core/pool.h"
#include "core/bitmap.h"
#include "core/large.h"
#include "core/meta.h"
#include "core/pagemap.h"
#include "core/verify.h"

struct lock brimi_large_lock CACHE_ALIGNED;

/* P1  A mapping in the pool is on the list of all by age, on the list of its size, and found by its start and by its
 *     end; a stuck one is on the list of stuck ones only. No two that are not stuck are neighbours.
 * P2  Its start and its bytes do not change. */

enum {
  LOOKS = 32, /* at mappings of one size, so that a search does not get longer with their number */
  SIZES = (ADDRESS_BITS - GRANULE_SHIFT) * PER_DOUBLING,
  EDGE_BITS = 10,
  EDGE_CHAINS = 1 << EDGE_BITS
};
enum way { BY_AGE, BY_SIZE, WAYS };
enum edge { START, END, EDGES };

/* Links of a mapping in the pool: they lie in its record, behind the state of its one block. */
struct links {
  struct {
    struct slab *next, *previous; /* freed after it and before */
  } of[WAYS];
  struct slab *next_by_edge[EDGES]; /* of a chain */
};
_Static_assert(sizeof(struct links) == POOL_LINKS, "room for them, pool.h");

struct list {
  struct slab *first, *last;
};

/* Under brimi_large_lock. */
static struct list by_age, stuck, by_size[SIZES] PAGE_ALIGNED;
static uint64_t has_size[(SIZES + 63) / 64 * BITMAP_STRIDE];
static struct slab *by_edge[EDGES][EDGE_CHAINS] PAGE_ALIGNED;
static _Atomic size_t count; /* written under the lock; relaxed */
_Atomic size_t brimi_pool_bytes;

static bool is_stuck(const struct slab *slab) { return slab->epoch == POOL_STUCK; }

static struct links *links_of(struct slab *slab) { return (struct links *)((char *)slab + brimi_slab_record(1)); }

/* ---- by age, size and place -------------------------------------------------------------------------------------- */

static struct list *age_of(const struct slab *slab) { return is_stuck(slab) ? &stuck : &by_age; }

/* The index of a size: eight to a doubling, each up to just below the next. A request may be larger than any mapping can be. */
static unsigned size_of(size_t bytes)
{
  unsigned top = highest_bit(bytes);
  if (top >= ADDRESS_BITS)
    return SIZES - 1;
  return (top - GRANULE_SHIFT) * PER_DOUBLING + (unsigned)(bytes >> (top - 3)) % PER_DOUBLING;
}

static void append(struct list *list, struct slab *slab, enum way way)
{
  struct slab *last = list->last;
  links_of(slab)->of[way].next = NULL;
  links_of(slab)->of[way].previous = last;
  *(last ? &links_of(last)->of[way].next : &list->first) = slab;
  list->last = slab;
}

static void unlink(struct list *list, struct slab *slab, enum way way)
{
  struct slab *next = links_of(slab)->of[way].next, *previous = links_of(slab)->of[way].previous;
  *(previous ? &links_of(previous)->of[way].next : &list->first) = next;
  *(next ? &links_of(next)->of[way].previous : &list->last) = previous;
}

static uintptr_t edge_of(const struct slab *slab, enum edge edge)
{
  return slab->start + (edge == END ? slab->bytes : 0);
}

/* The link to the mapping with an edge at the address, or the end of the chain where it would be. */
static struct slab **edge_at(uintptr_t address, enum edge edge)
{
  const uint64_t golden = UINT64_C(11400714819323198485); /* 2^64 / golden ratio: spreads what is regular */
  struct slab **at = &by_edge[edge][(address >> GRANULE_SHIFT) * golden >> (64 - EDGE_BITS)];
  while (*at && edge_of(*at, edge) != address)
    at = &links_of(*at)->next_by_edge[edge];
  return at;
}

static void enter(struct slab *slab)
{
  unsigned size = size_of(slab->bytes);
  append(age_of(slab), slab, BY_AGE);
  bump_relaxed(&count, 1);
  if (is_stuck(slab))
    return;
  append(&by_size[size], slab, BY_SIZE);
  brimi_bitmap_set(has_size, size, 1);
  for (enum edge edge = START; edge < EDGES; edge++) {
    links_of(slab)->next_by_edge[edge] = NULL;
    *edge_at(edge_of(slab, edge), edge) = slab;
  }
  bump_relaxed(&brimi_pool_bytes, slab->bytes);
}

static struct slab *leave(struct slab *slab)
{
  unsigned size = size_of(slab->bytes);
  unlink(age_of(slab), slab, BY_AGE);
  bump_relaxed(&count, (size_t)-1);
  if (is_stuck(slab))
    return slab;
  unlink(&by_size[size], slab, BY_SIZE);
  if (!by_size[size].first)
    brimi_bitmap_clear(has_size, size, 1);
  for (enum edge edge = START; edge < EDGES; edge++)
    *edge_at(edge_of(slab, edge), edge) = links_of(slab)->next_by_edge[edge];
  bump_relaxed(&brimi_pool_bytes, -slab->bytes);
  return slab;
}

/* ---- joining ----------------------------------------------------------------------------------------------------- */

void brimi_pool_absorb(struct slab *low, struct slab *high)
{
  brimi_pagemap_forget(high->start, 1);
  low->bytes += high->bytes;
  if (!high->listed)
    brimi_meta_free(high, POOL_RECORD);
}

/* Joins two neighbours into one, under the record of the lower one. */
static struct slab *join(struct slab *low, struct slab *high, uint32_t epoch)
{
  low->epoch = epoch;
  if (load_relaxed(&high->state[0]) != STATE_CACHED_ZERO)
    store_relaxed(&low->state[0], STATE_CACHED);
  brimi_pool_absorb(low, high);
  return low;
}

unsigned brimi_pool_put(struct slab *slab)
{
  unsigned joined = 0;
  brimi_lock(&brimi_large_lock);
  if (!is_stuck(slab)) {
    uint32_t epoch = slab->epoch;
    struct slab *before = *edge_at(slab->start, END), *behind = *edge_at(edge_of(slab, END), START);
    if (before)
      slab = join(leave(before), slab, epoch);
    if (behind)
      slab = join(slab, leave(behind), epoch);
    joined = (before != NULL) + (behind != NULL);
  }
  enter(slab);
  brimi_unlock(&brimi_large_lock);
  return joined;
}

/* ---- taking ------------------------------------------------------------------------------------------------------ */

/* The next size at or above `size` that has a mapping, or SIZES. */
static unsigned size_above(unsigned size)
{
  size_t at;
  brimi_bitmap_next_run(has_size, SIZES, size, 1, &at);
  return (unsigned)at;
}

/* Whether `a` is nearer than `b`, which may be NULL: it holds the bytes and `b` does not; or, of two that hold them,
 * it is smaller; of two that do not, larger. */
static bool is_nearer(const struct slab *a, const struct slab *b, size_t bytes)
{
  if (!b || (a->bytes >= bytes) != (b->bytes >= bytes))
    return !b || a->bytes >= bytes;
  return a->bytes >= bytes ? a->bytes < b->bytes : a->bytes > b->bytes;
}

/* The nearest of a size, or `nearest` if none is nearer. */
static struct slab *find_near(unsigned size, size_t bytes, size_t alignment, struct slab *nearest)
{
  struct slab *slab = by_size[size].first;
  for (unsigned looks = LOOKS; slab && looks; looks--, slab = links_of(slab)->of[BY_SIZE].next)
    if (is_aligned(slab->start, alignment) && is_nearer(slab, nearest, bytes))
      nearest = slab;
  return nearest;
}

/* The nearest mapping that holds `bytes`; if none does, the largest smaller one of the same size index, or NULL. */
static struct slab *find_holding(size_t bytes, size_t alignment)
{
  struct slab *slab = NULL;
  for (unsigned size = size_of(bytes); !(slab && slab->bytes >= bytes) && (size = size_above(size)) < SIZES; size++)
    slab = find_near(size, bytes, alignment, slab);
  return slab;
}

struct slab *brimi_pool_take(size_t bytes, size_t alignment)
{
  if (!load_relaxed(&count))
    return NULL;
  brimi_lock(&brimi_large_lock);
  struct slab *slab = find_holding(bytes, alignment);
  if (!brimi_large_serves(slab, bytes, alignment))
    slab = stuck.first;
  while (slab && !brimi_large_serves(slab, bytes, alignment))
    slab = links_of(slab)->of[BY_AGE].next;
  if (slab)
    leave(slab);
  brimi_unlock(&brimi_large_lock);
  return slab;
}

struct slab *brimi_pool_take_near(size_t bytes, size_t alignment)
{
  if (!load_relaxed(&brimi_pool_bytes))
    return NULL;
  brimi_lock(&brimi_large_lock);
  bool any_page = alignment <= brimi_page_bytes;
  struct slab *slab = find_holding(bytes, alignment);
  if (slab && slab->bytes < bytes && !any_page)
    slab = NULL;
  for (unsigned size = any_page ? size_of(bytes) : 0; !slab && size-- > 0;)
    slab = find_near(size, bytes, 1, NULL);
  if (slab)
    leave(slab);
  brimi_unlock(&brimi_large_lock);
  return slab;
}

struct slab *brimi_pool_take_behind(const struct slab *before, size_t bytes)
{
  if (!load_relaxed(&brimi_pool_bytes))
    return NULL;
  brimi_lock(&brimi_large_lock);
  struct slab *slab = *edge_at(edge_of(before, END), START);
  slab = slab && slab->bytes >= bytes ? leave(slab) : NULL;
  brimi_unlock(&brimi_large_lock);
  return slab;
}

bool brimi_pool_holds(size_t bytes)
{
  if (load_relaxed(&brimi_pool_bytes) < bytes)
    return false;
  brimi_lock(&brimi_large_lock);
  struct slab *slab = find_holding(bytes, 1);
  bool holds = slab && slab->bytes >= bytes;
  brimi_unlock(&brimi_large_lock);
  return holds;
}

struct slab *brimi_pool_take_oldest(uint32_t epoch, size_t bound)
{
  brimi_lock(&brimi_large_lock);
  struct slab *slab = by_age.first;
  slab = slab && (slab->epoch < epoch || load_relaxed(&brimi_pool_bytes) > bound) ? leave(slab) : NULL;
  brimi_unlock(&brimi_large_lock);
  return slab;
}

struct slab *brimi_pool_take_stuck(void)
{
  struct slab *all = NULL;
  brimi_lock(&brimi_large_lock);
  while (stuck.first) {
    struct slab *slab = leave(stuck.first);
    slab->previous = all;
    all = slab;
  }
  brimi_unlock(&brimi_large_lock);
  return all;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static bool is_found(const struct slab *slab)
{
  return *edge_at(edge_of(slab, START), START) == slab && *edge_at(edge_of(slab, END), END) == slab &&
         !*edge_at(edge_of(slab, START), END) && !*edge_at(edge_of(slab, END), START);
}

const char *brimi_pool_verify(void)
{
  const char *broken = NULL;
  size_t aged = 0, sized = 0, stuck_n = 0, bytes = 0;
  brimi_lock(&brimi_large_lock);
  for (struct slab *slab = by_age.first; slab; slab = links_of(slab)->of[BY_AGE].next, aged++) {
    bytes += slab->bytes;
    if (is_stuck(slab) || !is_found(slab))
      broken = "P1: a mapping is not found by its edges, or has a neighbour";
  }
  for (unsigned size = 0; size < SIZES; size++) {
    if (brimi_bitmap_count(has_size, size, 1) != (by_size[size].first != NULL))
      broken = "P1: a size is marked and has none, or has one and is not marked";
    for (struct slab *slab = by_size[size].first; slab; slab = links_of(slab)->of[BY_SIZE].next, sized++)
      if (size_of(slab->bytes) != size)
        broken = "P1: a mapping is on the list of another size";
  }
  for (struct slab *slab = stuck.first; slab; slab = links_of(slab)->of[BY_AGE].next)
    stuck_n += is_stuck(slab);
  if (aged != sized || aged + stuck_n != load_relaxed(&count) || bytes != load_relaxed(&brimi_pool_bytes))
    broken = "P1: the lists differ, or a sum is not that of the mappings";
  brimi_unlock(&brimi_large_lock);
  return broken;
}
