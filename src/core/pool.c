#include "core/pool.h"
#include "core/meta.h"
#include "core/pagemap.h"

struct lock brimi_large_lock CACHE_ALIGNED;

/* Under brimi_large_lock, oldest first. */
static struct slab *first, *last;
static _Atomic size_t bytes_n, count; /* written under the lock; relaxed. Bytes without those of the stuck ones */

size_t brimi_pool_bytes(void) { return load_relaxed(&bytes_n); }

static void unlink(struct slab *slab)
{
  *(slab->previous ? &slab->previous->next : &first) = slab->next;
  *(slab->next ? &slab->next->previous : &last) = slab->previous;
  bump_relaxed(&count, (size_t)-1);
  bump_relaxed(&bytes_n, slab->epoch == POOL_STUCK ? 0 : -slab->bytes);
}

enum { JOIN_LOOKS = 128 }; /* so that a program with very many mappings does not search through all at each free */

static bool is_behind(const struct slab *before, const struct slab *slab)
{
  return slab->epoch != POOL_STUCK && before->start + before->bytes == slab->start;
}

static bool are_neighbours(const struct slab *a, const struct slab *b)
{
  return is_behind(a, b) || (b->epoch != POOL_STUCK && b->start + b->bytes == a->start);
}

/* The one among those freed last that is to `slab` what `is_it` says. */
static struct slab *find_by(const struct slab *slab, bool (*is_it)(const struct slab *, const struct slab *))
{
  struct slab *other = last;
  for (unsigned looks = JOIN_LOOKS; other && !is_it(slab, other); other = other->previous)
    if (--looks == 0)
      return NULL;
  return other;
}

/* The mapping that `slab` continues, or that continues it; neither is stuck. */
static struct slab *neighbour_of(const struct slab *slab)
{
  return slab->epoch == POOL_STUCK ? NULL : find_by(slab, are_neighbours);
}

void brimi_pool_absorb(struct slab *low, struct slab *high)
{
  brimi_pagemap_forget(high->start, 1);
  low->bytes += high->bytes;
  brimi_meta_free(high, brimi_slab_record(1));
}

/* Makes one of two neighbours, under the record of the lower one. */
static struct slab *join(struct slab *a, struct slab *b)
{
  struct slab *low = a->start < b->start ? a : b, *high = low == a ? b : a;
  low->epoch = a->epoch;
  if (load_relaxed(&high->state[0]) != STATE_CACHED_ZERO)
    store_relaxed(&low->state[0], STATE_CACHED);
  brimi_pool_absorb(low, high);
  return low;
}

unsigned brimi_pool_put(struct slab *slab)
{
  unsigned joined = 0;
  brimi_lock(&brimi_large_lock);
  for (struct slab *other; (other = neighbour_of(slab)); joined++) {
    unlink(other);
    slab = join(slab, other);
  }
  slab->next = NULL;
  slab->previous = last;
  *(last ? &last->next : &first) = slab;
  last = slab;
  bump_relaxed(&count, 1);
  bump_relaxed(&bytes_n, slab->epoch == POOL_STUCK ? 0 : slab->bytes);
  brimi_unlock(&brimi_large_lock);
  return joined;
}

struct slab *brimi_pool_take(size_t bytes, size_t alignment)
{
  if (!load_relaxed(&count))
    return NULL;
  brimi_lock(&brimi_large_lock);
  struct slab *slab = last;
  while (slab && (slab->bytes - bytes > bytes / 8 || !is_aligned(slab->start, alignment)))
    slab = slab->previous;
  if (slab)
    unlink(slab);
  brimi_unlock(&brimi_large_lock);
  return slab;
}

struct slab *brimi_pool_take_behind(const struct slab *before, size_t bytes)
{
  if (!load_relaxed(&count))
    return NULL;
  brimi_lock(&brimi_large_lock);
  struct slab *slab = find_by(before, is_behind);
  if (slab && slab->bytes < bytes)
    slab = NULL;
  if (slab)
    unlink(slab);
  brimi_unlock(&brimi_large_lock);
  return slab;
}

/* Whether `a` is nearer than `b`: the smaller of two that hold the bytes, the larger of two that do not. */
static bool is_nearer(const struct slab *a, const struct slab *b, size_t bytes)
{
  if (!b || (a->bytes >= bytes) != (b->bytes >= bytes))
    return !b || a->bytes >= bytes;
  return a->bytes >= bytes ? a->bytes < b->bytes : a->bytes > b->bytes;
}

struct slab *brimi_pool_take_near(size_t bytes)
{
  struct slab *nearest = NULL;
  if (!load_relaxed(&count))
    return NULL;
  brimi_lock(&brimi_large_lock);
  for (struct slab *slab = first; slab; slab = slab->next)
    if (slab->epoch != POOL_STUCK && is_nearer(slab, nearest, bytes))
      nearest = slab;
  if (nearest)
    unlink(nearest);
  brimi_unlock(&brimi_large_lock);
  return nearest;
}

bool brimi_pool_holds(size_t bytes)
{
  if (load_relaxed(&bytes_n) < bytes)
    return false;
  brimi_lock(&brimi_large_lock);
  struct slab *slab = last;
  while (slab && (slab->epoch == POOL_STUCK || slab->bytes < bytes))
    slab = slab->previous;
  brimi_unlock(&brimi_large_lock);
  return slab != NULL;
}

struct slab *brimi_pool_take_oldest(uint32_t epoch, size_t bound)
{
  brimi_lock(&brimi_large_lock);
  struct slab *slab = first;
  while (slab && slab->epoch == POOL_STUCK)
    slab = slab->next;
  if (slab && slab->epoch >= epoch && load_relaxed(&bytes_n) <= bound)
    slab = NULL;
  if (slab)
    unlink(slab);
  brimi_unlock(&brimi_large_lock);
  return slab;
}

struct slab *brimi_pool_take_stuck(void)
{
  struct slab *stuck = NULL;
  brimi_lock(&brimi_large_lock);
  for (struct slab *slab = first, *next; slab; slab = next) {
    next = slab->next;
    if (slab->epoch != POOL_STUCK)
      continue;
    unlink(slab);
    slab->previous = stuck;
    stuck = slab;
  }
  brimi_unlock(&brimi_large_lock);
  return stuck;
}
