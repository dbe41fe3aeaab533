#include "core/pagemap.h"
#include "os/os.h"

struct pagemap brimi_pagemap PAGE_ALIGNED;
/* Farther than a leaf from any address of user space. */
#define NO_GIB (UINTPTR_MAX / 2 + 1)
_Atomic uintptr_t brimi_pagemap_first = NO_GIB, brimi_pagemap_second = NO_GIB;
struct leaf *brimi_pagemap_first_leaf = &brimi_pagemap.first;
_Atomic(struct leaf *) brimi_pagemap_second_leaf;
static atomic_flag first_taken = ATOMIC_FLAG_INIT, second_taken = ATOMIC_FLAG_INIT;
bool brimi_pagemap_full;

static struct leaf *new_leaf(enum leaf_use use)
{
  if (use == LEAF_HEAP && !atomic_flag_test_and_set_explicit(&first_taken, memory_order_relaxed))
    return &brimi_pagemap.first;
  struct leaf *leaf = brimi_os_map(sizeof *leaf);
  if (leaf) {
    brimi_os_name(leaf, sizeof *leaf, "brim: metadata");
  } else if (use == LEAF_MOVED) {
    brimi_pagemap_full = true;
    leaf = &brimi_pagemap.last;
  }
  return leaf;
}

static bool is_within(const struct leaf *leaf) { return leaf == &brimi_pagemap.first || leaf == &brimi_pagemap.last; }

/* Only a few pages of a leaf are written, wide apart: they are to be small, even where the system gives huge ones
 * unasked. Called once the leaf is in use: a sandbox may answer the system call by a signal whose handler allocates. */
static void advise_small(struct leaf *leaf)
{
  void *area = leaf;
  size_t bytes = sizeof *leaf;
  if (is_within(leaf)) {
    area = &brimi_pagemap;
    bytes = sizeof brimi_pagemap;
  }
  brimi_os_advise_huge(area, bytes, false);
}

static bool reserve_leaf(uintptr_t gib, enum leaf_use use)
{
  _Atomic(struct leaf *) *slot = &brimi_pagemap.root[gib];
  if (load_acquire(slot))
    return true;
  struct leaf *leaf = new_leaf(use), *none = NULL;
  if (!leaf)
    return false;
  /* acq_rel: pairs with the acquire loads of the root. The loser of a race gives its leaf back, or leaves the address
   * space of a leaf in .bss unused. */
  if (cas_acq_rel(slot, &none, leaf)) {
    if (leaf == &brimi_pagemap.first) {
      store_relaxed(&brimi_pagemap_first, gib << LEAF_SHIFT);
    } else if (!atomic_flag_test_and_set_explicit(&second_taken, memory_order_relaxed)) {
      store_relaxed(&brimi_pagemap_second_leaf, leaf);
      store_release(&brimi_pagemap_second, gib << LEAF_SHIFT);
    }
    advise_small(leaf);
  } else if (!is_within(leaf))
    brimi_os_unmap(leaf, sizeof *leaf);
  return true;
}

bool brimi_pagemap_reserve(uintptr_t start, size_t bytes, enum leaf_use use)
{
  uintptr_t last = start + bytes - 1;
  if (last >> ADDRESS_BITS)
    return false;
  for (uintptr_t gib = start >> LEAF_SHIFT; gib <= last >> LEAF_SHIFT; gib++)
    if (!reserve_leaf(gib, use))
      return false;
  return true;
}

/* `start` has a leaf. */
static struct span *span_at(uintptr_t start)
{
  struct leaf *leaf = load_acquire(&brimi_pagemap.root[start >> LEAF_SHIFT]);
  return &leaf->spans[(start >> GRANULE_SHIFT) % LEAF_ENTRIES];
}

void brimi_pagemap_enter(struct slab *slab, size_t granules, struct bin *bin)
{
  for (size_t i = 0; i < granules; i++) {
    struct span *span = span_at(slab->start + (i << GRANULE_SHIFT));
    store_relaxed(&span->start, slab->start);
    store_relaxed(&span->state, slab->state);
    store_relaxed(&span->bin, bin);
    store_release(&span->inverse, slab->inverse);
  }
}

void brimi_pagemap_forget(uintptr_t start, size_t granules)
{
  for (size_t i = 0; i < granules; i++)
    store_release(&span_at(start + (i << GRANULE_SHIFT))->inverse, 0);
}
