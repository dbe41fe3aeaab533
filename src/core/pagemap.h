/* pagemap.h: from an address to the descriptor of the span that holds it. The one gate for every pointer that comes from
 * the program: what it does not know is no block, and is never dereferenced.
 *
 * Two levels: a root of one pointer per 2 GiB of address space, in .bss, and leaves of one pointer per granule. A slab is
 * entered for each of its granules; a mapping for the granule of its start only, since a block is known by its start
 * and two mappings of at least one granule cannot start in the same one. Leaves are never freed.
 *
 * Entries are written by whoever creates or destroys a span, before the first and after the last of its blocks is out;
 * read by anyone. release/acquire pair a leaf's pointer with its zeroed contents; entries pair set with lookup. */
#ifndef BRIM_PAGEMAP_H
#define BRIM_PAGEMAP_H

#include "core/slab.h"

enum {
  LEAF_SHIFT = 31,
  ADDRESS_BITS = sizeof(void *) == 8 ? 48 : 32, /* of user space, on x86-64 and aarch64 with four-level tables */
  LEAF_ENTRIES = 1 << (LEAF_SHIFT - GRANULE_SHIFT),
  ROOT_ENTRIES = 1 << (ADDRESS_BITS - LEAF_SHIFT)
};

struct leaf {
  _Atomic(struct slab *) slabs[LEAF_ENTRIES];
};
extern _Atomic(struct leaf *) brimi_pagemap_root[ROOT_ENTRIES];

/* The span that is entered for the address's granule, or NULL. */
static ALWAYS_INLINE struct slab *brimi_pagemap_find(const void *address)
{
  uintptr_t at = (uintptr_t)address;
  if (unlikely(at >> ADDRESS_BITS))
    return NULL;
  struct leaf *leaf = load_acquire(&brimi_pagemap_root[at >> LEAF_SHIFT]);
  if (unlikely(!leaf))
    return NULL;
  return load_acquire(&leaf->slabs[(at >> GRANULE_SHIFT) % LEAF_ENTRIES]);
}

/* Makes sure that every address of the range has a leaf. False if memory is out; then set must not be called. */
bool brimi_pagemap_reserve(uintptr_t start, size_t bytes);
/* Whether the next reserve of one address is sure to succeed. */
bool brimi_pagemap_ready(void);
/* Enters the span (or NULL) for `granules` granules from `start`. */
void brimi_pagemap_set(uintptr_t start, size_t granules, struct slab *slab);

#endif
