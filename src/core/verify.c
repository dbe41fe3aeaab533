#include "core/verify.h"
#include "core/heap.h"
#include "core/pagemap.h"
#include "core/walk.h"

struct sums {
  const char *broken;
  struct heap *heap; /* whose slabs are being added up; its lock is held */
  uint64_t used_bytes, slab_bytes;
  uint64_t cached; /* blocks that are CACHED */
  size_t kept_bytes;
  unsigned with_room[CLASSES];
};

static bool reads_zero(uintptr_t start, size_t bytes)
{
  const unsigned char *at = (const unsigned char *)start;
  while (bytes && !*at)
    at++, bytes--;
  return bytes == 0;
}

static const char *check_states(struct slab *slab, uint64_t *cached)
{
  unsigned taken = 0;
  size_t bytes = brimi_classes[slab->sc].bytes;
  for (unsigned i = 0; i < brimi_slab_states(slab->blocks); i++) {
    uint8_t state = load_relaxed(&slab->state[i]);
    if (i >= slab->blocks) {
      if (state != STATE_PADDING)
        return "I1: no padding behind the last state";
      continue;
    }
    if (state != STATE_FREE && state != STATE_FREE_ZERO && state != STATE_CACHED && state != STATE_CACHED_ZERO &&
        state != STATE_LIVE && state != STATE_SENT)
      return "I1: a block is in no state";
    if (!(state & STATE_TAKEN) && i < slab->first_free)
      return "I3: a FREE block below first_free";
    if (state == STATE_FREE_ZERO && !reads_zero(slab->start + i * bytes, bytes))
      return "I5: a FREE_ZERO block does not read as zero";
    taken += (state & STATE_TAKEN) != 0;
    *cached += state == STATE_CACHED || state == STATE_CACHED_ZERO;
  }
  return taken == slab->used ? NULL : "I2: used is not the number of blocks that are not FREE";
}

static const char *check_slab(struct slab *slab, uint64_t *cached)
{
  bool may_be_kept = !slab->used && brimi_is_wide(slab->sc);
  if (slab->listed != (slab->used < slab->blocks) && !may_be_kept)
    return "I3: a slab is listed and full, or has room and is not listed";
  for (unsigned i = 0; i < slab->granules; i++)
    if (brimi_pagemap_find((void *)(slab->start + ((uintptr_t)i << GRANULE_SHIFT))) != slab)
      return "H6: a granule of a slab has another entry in the page map";
  return check_states(slab, cached);
}

static void add_slab(struct heap *heap, void *start, void *context)
{
  struct sums *sums = context;
  struct slab *slab = heap == sums->heap ? brimi_walk_slab(heap, start) : NULL;
  if (!slab || sums->broken)
    return;
  sums->broken = check_slab(slab, &sums->cached);
  sums->used_bytes += (uint64_t)slab->used * brimi_classes[slab->sc].bytes;
  sums->slab_bytes += (uint64_t)slab->blocks * brimi_classes[slab->sc].bytes;
  sums->with_room[slab->sc] += slab->listed;
  sums->kept_bytes += slab->used || slab->listed ? 0 : brimi_slab_run_bytes(slab);
}

static bool is_kept_well(struct heap *heap, const struct sums *sums)
{
  size_t bytes = 0;
  for (unsigned granules = 0; granules <= SLAB_GRANULES_MAX; granules++)
    for (struct slab *slab = heap->kept[granules]; slab; slab = slab->next, bytes += granules << GRANULE_SHIFT)
      if (slab->granules != granules || slab->heap != heap || !brimi_is_wide(slab->sc) || slab->used || slab->listed)
        return false;
  return bytes == sums->kept_bytes && bytes == load_relaxed(&heap->kept_bytes);
}

static const char *check_lists(struct heap *heap, struct sums *sums)
{
  for (unsigned sc = 0; sc < CLASSES; sc++) {
    unsigned listed = 0;
    for (struct slab *slab = heap->slabs[sc].with_free; slab; slab = slab->next, listed++)
      if (slab->heap != heap || slab->sc != sc || (slab->next && slab->next->previous != slab))
        return "I3: a list of slabs is not of one heap and one class, or its links do not match";
    if (listed != sums->with_room[sc])
      return "I3: a slab with room is not on its owner's list exactly once";
  }
  if (!is_kept_well(heap, sums))
    return "I6: a slab that is kept is not empty, or not on the list, or their bytes are not counted";
  if (sums->used_bytes != load_relaxed(&heap->used_bytes) || sums->slab_bytes != load_relaxed(&heap->slab_bytes))
    return "H6: the bytes of a heap are not the sum of its slabs'";
  uint64_t in_bins = 0;
  for (struct heap *guest = brimi_heap_first(); guest; guest = brimi_heap_next(guest))
    for (unsigned sc = 0; sc < CLASSES && guest->host == heap; sc++)
      in_bins += brimi_bin_count(guest, sc);
  return sums->cached == in_bins ? NULL : "H2: a block is CACHED and in no bin";
}

const char *brimi_verify(void)
{
  const char *broken = brimi_runs_verify();
  if (!broken)
    broken = brimi_pool_verify();
  for (struct heap *heap = brimi_heap_first(); heap && !broken; heap = brimi_heap_next(heap)) {
    struct sums sums = {.heap = heap};
    brimi_lock(&heap->lock);
    brimi_walk_slabs(add_slab, &sums);
    broken = sums.broken ? sums.broken : check_lists(heap, &sums);
    brimi_unlock(&heap->lock);
  }
  return broken;
}
