#include "core/walk.h"
#include "core/pagemap.h"
#include "core/runs.h"

void brimi_walk_slabs(void (*visit)(struct slab *slab, void *context), void *context)
{
  uintptr_t start;
  size_t granules;
  /* A slab begins where the entry changes: its record is left to the visitor, since it may be freed meanwhile. */
  for (size_t extent = 0; brimi_runs_extent(extent, &start, &granules); extent++) {
    struct slab *previous = NULL;
    for (size_t i = 0; i < granules; i++) {
      struct slab *slab = brimi_pagemap_find((void *)(start + (i << GRANULE_SHIFT)));
      if (slab && slab != previous)
        visit(slab, context);
      previous = slab;
    }
  }
}
