/* pagemap.h: from an address to what lies there. The one gate for every pointer that comes from the program: what it does
 * not know is no block, and is never dereferenced.
 *
 * Two levels: a root of one pointer per GiB of address space, in .bss, and leaves of one entry per granule. An entry holds
 * what free() needs of a slab, so that the record itself is left alone but for the state of the block. A slab is entered
 * for each of its granules; a mapping for the granule of its start only, since a block is known by its start
 * and two mappings of at least one granule cannot start in the same one. Leaves are never freed.
 *
 * Entries are written by whoever creates or destroys a slab, before the first and after the last of its blocks is out;
 * read by anyone. release/acquire pair a leaf's pointer with its zeroed contents, and an entry's `inverse`, which is written
 * last and cleared first, with the rest of it. Who frees a live block reads an entry that does not change. Who asks
 * for a stale or foreign address may find one that does, and reads some record's states: records stay readable. */
#ifndef BRIM_PAGEMAP_H
#define BRIM_PAGEMAP_H

#include "core/slab.h"

enum {
  LEAF_SHIFT = 30,
  ADDRESS_BITS = sizeof(void *) == 8 ? 48 : 32, /* of user space, on x86-64 and aarch64 with four-level tables */
  LEAF_ENTRIES = 1 << (LEAF_SHIFT - GRANULE_SHIFT),
  ROOT_ENTRIES = 1 << (ADDRESS_BITS - LEAF_SHIFT)
};

/* A heap starts with its bins, at a multiple of a page: the address of a bin says whose it is, and of which class. */
enum { HEAP_ALIGN = 4096, BIN_SIZE = 2 * sizeof(void *) };
struct bin;
#define BIN_NONE ((struct bin *)UINTPTR_MAX)
static inline struct heap *brimi_bin_heap(const struct bin *bin)
{
  return (struct heap *)((uintptr_t)bin & ~(uintptr_t)(HEAP_ALIGN - 1));
}
static inline unsigned brimi_bin_class(const struct bin *bin) { return (uintptr_t)bin % HEAP_ALIGN / BIN_SIZE; }

struct span {
  _Atomic uintptr_t start;
  _Atomic uint64_t inverse;         /* 0 where nothing lies: no offset has an index then */
  _Atomic(_Atomic uint8_t *) state; /* of the slab's first block; the record lies in front of it */
  _Atomic(struct bin *) bin;        /* of the owner for this class; BIN_NONE for a large block */
};
_Static_assert(sizeof(struct span) == 32, "two to a cache line");

struct leaf {
  struct span spans[LEAF_ENTRIES];
};
/* Two leaves beside the root: one for the break heap, so that a small program maps none, and one for a mapping that has
 * already moved when the system refuses a leaf for where it is. */
struct pagemap {
  _Atomic(struct leaf *) root[ROOT_ENTRIES];
  struct leaf first, last;
};
INTERNAL struct pagemap brimi_pagemap;
/* Where the GiB starts that the first leaf is for: most blocks lie there, and are found without a look at the root. Written
 * once (relaxed); who reads an older value, by which no address lies there, finds the same leaf by the root. */
INTERNAL _Atomic uintptr_t brimi_pagemap_first;
/* That leaf; constant. Not so declared, since a load is part of the instruction which adds it, and its address is not. */
INTERNAL struct leaf *brimi_pagemap_first_leaf;
/* The same of the leaf that was made next, mostly where the mappings of large blocks are. Written once; the leaf first, then its
 * GiB (release). */
INTERNAL _Atomic uintptr_t brimi_pagemap_second;
INTERNAL _Atomic(struct leaf *) brimi_pagemap_second_leaf;

/* The entry of an address so many bytes behind the start of a leaf's GiB. In bytes: gcc would add the index of the first leaf in
 * the map to that of the entry, one instruction more. */
static ALWAYS_INLINE struct span *brimi_leaf_span(struct leaf *leaf, uintptr_t offset)
{
  return (struct span *)((char *)leaf->spans + (offset >> GRANULE_SHIFT) * sizeof(struct span));
}

/* The entry of an address in the first leaf's GiB; NULL for any other. */
static ALWAYS_INLINE struct span *brimi_pagemap_first_span(const void *address)
{
  uintptr_t offset = (uintptr_t)address - load_folded(&brimi_pagemap_first);
  if (unlikely(offset >= (uintptr_t)1 << LEAF_SHIFT))
    return NULL;
  return KNOWN(brimi_leaf_span(brimi_pagemap_first_leaf, offset));
}

/* The same of the second leaf's; for free() only: elsewhere the code is worth more than the time. */
static ALWAYS_INLINE struct span *brimi_pagemap_second_span(const void *address)
{
  uintptr_t offset = (uintptr_t)address - load_fenced(&brimi_pagemap_second);
  if (unlikely(offset >= (uintptr_t)1 << LEAF_SHIFT) || !fence_acquire()) /* pairs with reserve_leaf */
    return NULL;
  return KNOWN(brimi_leaf_span(load_relaxed(&brimi_pagemap_second_leaf), offset));
}

/* The entry of any address, by the root; NULL if nothing near it was ever entered. */
static ALWAYS_INLINE struct span *brimi_pagemap_root_span(const void *address)
{
  uintptr_t at = (uintptr_t)address, root = at >> LEAF_SHIFT;
  if (unlikely(root >= ROOT_ENTRIES))
    return NULL;
  struct leaf *leaf = load_acquire(&brimi_pagemap.root[root]);
  if (unlikely(!leaf))
    return NULL;
  return &leaf->spans[(at >> GRANULE_SHIFT) % LEAF_ENTRIES];
}

/* The entry of the address's granule; NULL if nothing near it was ever entered. */
static ALWAYS_INLINE struct span *brimi_pagemap_span(const void *address)
{
  struct span *span = brimi_pagemap_first_span(address);
  return likely(span != NULL) ? span : brimi_pagemap_root_span(address);
}

static ALWAYS_INLINE struct slab *brimi_slab_of(_Atomic uint8_t *first_state)
{
  return (struct slab *)((uintptr_t)first_state - offsetof(struct slab, state));
}

/* The slab that is entered for the address's granule, or NULL. */
static ALWAYS_INLINE struct slab *brimi_pagemap_find(const void *address)
{
  struct span *span = brimi_pagemap_span(address);
  return span && load_acquire(&span->inverse) ? brimi_slab_of(load_relaxed(&span->state)) : NULL;
}

/* The heap that owns the slab which is entered for the address's granule; NULL if there is none, or a large block.
 * Without that heap's lock the answer may be a moment old, but is always some heap; with it, its own slabs stand still. */
static inline struct heap *brimi_pagemap_owner(const void *address)
{
  struct span *span = brimi_pagemap_span(address);
  struct bin *bin = span && load_acquire(&span->inverse) ? load_relaxed(&span->bin) : BIN_NONE;
  return bin == BIN_NONE ? NULL : brimi_bin_heap(bin);
}

/* What lies at addresses that need a leaf. */
enum leaf_use {
  LEAF_HEAP,    /* may have the first one, which is for these: a large block may come before the first small one */
  LEAF_MAPPING, /* of a large block */
  LEAF_MOVED    /* the same, which lies there already: may have the second of those beside the root */
};
/* Makes sure that every address of the range has a leaf. False if memory is out; then set must not be called. LEAF_MOVED: of one
 * address, while nothing else moves, and not false if the map was ready before; callers of both hold brimi_large_lock. */
bool brimi_pagemap_reserve(uintptr_t start, size_t bytes, enum leaf_use use);
INTERNAL bool brimi_pagemap_full; /* the second of the two leaves beside the root is in use */
static inline bool brimi_pagemap_ready(void) { return !brimi_pagemap_full; }
/* Enters the slab, whose blocks go to the owner's bin, for `granules` granules from its start. */
void brimi_pagemap_enter(struct slab *slab, size_t granules, struct bin *bin);
/* Forgets what is entered for `granules` granules from `start`: no block is found there. The rest of the entries stays, for
 * the message about who frees one once more. */
void brimi_pagemap_forget(uintptr_t start, size_t granules);

#endif
