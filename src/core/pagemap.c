#include "core/pagemap.h"
#include "os/os.h"

_Atomic(struct leaf *) brimi_pagemap_root[ROOT_ENTRIES];

/* Two leaves in .bss: one for the break heap, so that a small program maps none, and one for a mapping that has already
 * moved when the system refuses a leaf for where it is. */
static struct leaf first_leaf, last_leaf;
static atomic_flag first_taken = ATOMIC_FLAG_INIT;
static atomic_bool last_taken;

static struct leaf *new_leaf(void)
{
  if (!atomic_flag_test_and_set_explicit(&first_taken, memory_order_relaxed))
    return &first_leaf;
  struct leaf *leaf = brimi_os_map(sizeof *leaf);
  if (leaf)
    brimi_os_name(leaf, sizeof *leaf, "brim: metadata");
  else if (!exchange_acquire(&last_taken, true))
    leaf = &last_leaf;
  return leaf;
}

static bool reserve_leaf(_Atomic(struct leaf *) *slot)
{
  if (load_acquire(slot))
    return true;
  struct leaf *leaf = new_leaf(), *none = NULL;
  if (!leaf)
    return false;
  /* acq_rel: pairs with the loads in brimi_pagemap_find. The loser of a race gives its leaf back, or leaves the address
   * space of a leaf in .bss unused. */
  if (!cas_acq_rel(slot, &none, leaf) && leaf != &first_leaf && leaf != &last_leaf)
    brimi_os_unmap(leaf, sizeof *leaf);
  return true;
}

bool brimi_pagemap_ready(void) { return !load_relaxed(&last_taken); }

bool brimi_pagemap_reserve(uintptr_t start, size_t bytes)
{
  if ((start + bytes - 1) >> ADDRESS_BITS)
    return false;
  for (uintptr_t i = start >> LEAF_SHIFT; i <= (start + bytes - 1) >> LEAF_SHIFT; i++)
    if (!reserve_leaf(&brimi_pagemap_root[i]))
      return false;
  return true;
}

void brimi_pagemap_set(uintptr_t start, size_t granules, struct slab *slab)
{
  uintptr_t first = start >> GRANULE_SHIFT;
  for (uintptr_t i = first; i < first + granules; i++) {
    struct leaf *leaf = load_acquire(&brimi_pagemap_root[i / LEAF_ENTRIES]);
    store_release(&leaf->slabs[i % LEAF_ENTRIES], slab);
  }
}
