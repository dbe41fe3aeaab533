#include "core/slabs.h"
#include "base/bits.h"
#include "core/meta.h"
#include "core/pagemap.h"
#include "core/runs.h"

#include <string.h>

void brimi_slabs_list(struct heap *heap, struct slab *slab)
{
  struct slab **head = &heap->slabs[slab->sc].with_free;
  slab->previous = NULL;
  slab->next = *head;
  if (*head)
    (*head)->previous = slab;
  *head = slab;
  slab->listed = true;
}

void brimi_slabs_unlist(struct heap *heap, struct slab *slab)
{
  *(slab->previous ? &slab->previous->next : &heap->slabs[slab->sc].with_free) = slab->next;
  if (slab->next)
    slab->next->previous = slab->previous;
  slab->listed = false;
}

/* ---- empty slabs of wide blocks -----------------------------------------------------------------------------------
 * Some are kept: the heap makes its next slab of as many granules, of whatever class, from one of them, without the locks
 * that all threads share. Kept are up to 1 / KEPT_SHARE of the most bytes that the slabs had since the last pass of purge.c,
 * not of what is left: a program that frees all its blocks may soon want as many again. Caller holds the heap's lock. */

static bool keep(struct heap *heap, struct slab *slab)
{
  size_t bytes = brimi_slab_run_bytes(slab), most = min_size(heap->most_bytes / KEPT_SHARE, KEPT_MOST);
  if (load_relaxed(&heap->kept_bytes) + bytes > most)
    return false;
  brimi_slabs_unlist(heap, slab);
  slab->next = heap->kept[slab->granules];
  heap->kept[slab->granules] = slab;
  bump_relaxed(&heap->kept_bytes, bytes);
  return true;
}

/* Takes a slab of so many granules from those kept; NULL if there is none. */
static struct slab *take_kept(struct heap *heap, unsigned granules)
{
  struct slab *slab = heap->kept[granules];
  if (!slab)
    return NULL;
  heap->kept[granules] = slab->next;
  bump_relaxed(&heap->kept_bytes, -brimi_slab_run_bytes(slab));
  return slab;
}

/* Makes the slab, which is on no list, a mere record and run again. */
static void take_apart(struct heap *heap, struct slab *slab)
{
  bump_relaxed(&heap->slab_bytes, -(uint64_t)slab->blocks * brimi_classes[slab->sc].bytes);
  bump_relaxed(&heap->slabs[slab->sc].n, (uint32_t)-1);
  brimi_pagemap_forget(slab->start, slab->granules);
}

static void free_slab(struct heap *heap, struct slab *slab)
{
  take_apart(heap, slab);
  brimi_runs_free(slab->start, slab->granules);
  brimi_meta_free(slab, brimi_slab_record(slab->blocks));
  brimi_slabs_stay_calm(heap);
}

/* Frees all kept slabs. Returns whether there was any. */
static bool free_kept(struct heap *heap)
{
  bool any = load_relaxed(&heap->kept_bytes);
  struct slab *slab;
  for (unsigned granules = 1; granules <= SLAB_GRANULES_MAX; granules++)
    while ((slab = take_kept(heap, granules)))
      free_slab(heap, slab);
  return any;
}

/* ---- new slabs --------------------------------------------------------------------------------------------------- */

/* Whether most blocks of the heap's slabs are in use, so that those of a new one soon will be. This is not so for a
 * thread that uses few blocks of many sizes. */
static bool is_dense(struct heap *heap)
{
  uint64_t all = load_relaxed(&heap->slab_bytes);
  return load_relaxed(&heap->used_bytes) >= all - all / 8;
}

/* The first slabs of a wide class have as few granules as can be, most of them one block each, so that pages freed by
 * one size serve the next, whichever it is. If the class has more slabs, larger ones leave less over. */
struct slab_shape brimi_slabs_shape(struct heap *heap, unsigned sc)
{
  enum { FEW = 8 };
  const struct class_info *info = &brimi_classes[sc];
  bool has_many = heap && load_relaxed(&heap->slabs[sc].n) >= FEW;
  if (!brimi_is_wide(sc) || has_many)
    return (struct slab_shape){info->granules, info->blocks};
  size_t bytes = align_up(info->bytes, GRANULE);
  return (struct slab_shape){(uint16_t)(bytes >> GRANULE_SHIFT), (uint16_t)(bytes / info->bytes)};
}

/* A record and a run for it: a kept slab's, or new ones. A kept slab's record has two units, one of them for states,
 * so that it serves every slab that needs no more. */
_Static_assert(sizeof(struct slab) == META_UNIT, "states begin in the second unit");
static struct slab *new_record(struct heap *heap, struct slab_shape shape, enum runs_source source, struct run *run)
{
  bool is_small = brimi_slab_record(shape.blocks) <= 2 * META_UNIT;
  struct slab *slab = is_small ? take_kept(heap, shape.granules) : NULL;
  if (slab) {
    take_apart(heap, slab);
    *run = (struct run){.start = slab->start};
    return slab;
  }
  if (!(slab = brimi_meta_alloc(brimi_slab_record(shape.blocks))))
    return NULL;
  if (brimi_runs_alloc(shape.granules, source, run))
    return slab;
  brimi_meta_free(slab, brimi_slab_record(shape.blocks));
  return NULL;
}

struct slab *brimi_slabs_new(struct heap *heap, unsigned sc, bool may_touch, size_t *grown)
{
  const struct class_info *info = &brimi_classes[sc];
  struct slab_shape shape = brimi_slabs_shape(heap, sc);
  bool is_filled = shape.blocks == info->blocks && is_dense(heap);
  enum runs_source source = !may_touch ? RUNS_DIRTY : is_filled ? RUNS_FILLED : RUNS_ANY;
  struct run run;
  struct slab *slab = new_record(heap, shape, source, &run);
  if (!slab)
    return NULL;
  *grown += run.grown;
  *slab = (struct slab){.start = run.start,
                        .inverse = brimi_inverse(info->bytes),
                        .heap = heap,
                        .sc = (uint16_t)sc,
                        .granules = shape.granules,
                        .blocks = shape.blocks};
  memset((void *)slab->state, run.is_zero ? STATE_FREE_ZERO : STATE_FREE, shape.blocks);
  memset((void *)(slab->state + shape.blocks), STATE_PADDING, brimi_slab_states(shape.blocks) - shape.blocks);
  store_relaxed(&slab->purgeable, run.is_zero ? PURGE_DONE : PURGE_YOUNG);
  brimi_pagemap_enter(slab, slab->granules, &heap->bins[sc]);
  bump_relaxed(&heap->slab_bytes, (uint64_t)shape.blocks * info->bytes);
  heap->most_bytes = max_size(heap->most_bytes, load_relaxed(&heap->slab_bytes));
  bump_relaxed(&heap->slabs[sc].n, 1);
  brimi_slabs_list(heap, slab);
  return slab;
}

/* ---- empty slabs -------------------------------------------------------------------------------------------------- */

void brimi_slabs_emptied(struct heap *heap, struct slab *slab)
{
  if (brimi_is_wide(slab->sc) ? keep(heap, slab) : !slab->next && !slab->previous)
    return;
  brimi_slabs_unlist(heap, slab);
  free_slab(heap, slab);
}

/* Frees the empty slabs that are listed. None is kept for now (most_bytes): a thread that adopts the heap may need less. */
static void free_listed(struct heap *heap)
{
  heap->most_bytes = 0;
  for (unsigned sc = 0; sc < CLASSES; sc++)
    for (struct slab *slab = heap->slabs[sc].with_free, *next; slab; slab = next) {
      next = slab->next;
      if (slab->used)
        continue;
      brimi_slabs_unlist(heap, slab);
      free_slab(heap, slab);
    }
}

COLD bool brimi_slabs_release_empty(struct heap *heap, bool only_kept)
{
  brimi_lock(&heap->lock);
  bool any = free_kept(heap);
  if (!only_kept)
    free_listed(heap);
  brimi_unlock(&heap->lock);
  return any;
}
