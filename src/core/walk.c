#include "core/walk.h"
#include "core/pagemap.h"
#include "core/runs.h"

void brimi_walk_slabs(void (*visit)(struct slab *slab, void *context), void *context)
{
  uintptr_t start;
  size_t granules;
  for (size_t extent = 0; brimi_runs_extent(extent, &start, &granules); extent++)
    for (size_t i = 0; i < granules;) {
      uintptr_t at = start + (i << GRANULE_SHIFT);
      struct slab *slab = brimi_pagemap_find((void *)at);
      size_t step = 1;
      if (slab && slab->start == at) {
        step = max_size(slab->granules, 1);
        visit(slab, context);
      }
      i += step;
    }
}
