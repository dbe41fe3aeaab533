#include "core/walk.h"
#include "core/pagemap.h"
#include "core/runs.h"

void brimi_walk_slabs(void (*visit)(struct heap *heap, void *start, void *context), void *context)
{
  uintptr_t start;
  size_t granules;
  for (size_t extent = 0; brimi_runs_extent(extent, &start, &granules); extent++) {
    struct slab *previous = NULL;
    for (size_t i = 0; i < granules; i++) {
      void *at = (void *)(start + (i << GRANULE_SHIFT));
      struct heap *heap = brimi_pagemap_owner(at);
      struct slab *slab = heap ? brimi_pagemap_find(at) : NULL;
      /* A slab begins where the entry changes. Its record is left alone: it may be freed meanwhile. */
      if (slab && slab != previous)
        visit(heap, at, context);
      previous = slab;
    }
  }
}

struct slab *brimi_walk_slab(struct heap *heap, void *start)
{
  return brimi_pagemap_owner(start) == heap ? brimi_pagemap_find(start) : NULL;
}
