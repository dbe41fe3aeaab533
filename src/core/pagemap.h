/* pagemap.h: finds what lies at an address. Every pointer from the program passes this gate: one that the map does
 * not know is no block, and is never dereferenced.
 *
 * Two levels: a root of one pointer per GiB of address space, in .bss, and leaves of one entry per granule. An entry holds
 * what free() needs of a slab, so that the record itself is left alone but for the state of the block. A slab is entered
 * for each of its granules; a mapping for the granule of its start only, since a block is known by its start
 * and two mappings of at least one granule cannot start in the same one. Leaves are never freed.
 *
 * Whoever creates or destroys a slab writes its entries, before its first block goes out and after its last is back;
 * anyone reads them. release/acquire pair a leaf's pointer with its zeroed contents, and an entry's `inverse`, which is
 * written last and cleared first, with the rest of the entry. The entry of a live block does not change. A lookup of a
 * stale or foreign address may meet one that does, and then read the states of some record: records stay readable. */
#ifndef BRIM_PAGEMAP_H
#define BRIM_PAGEMAP_H

#include "core/slab.h"

enum {
  LEAF_SHIFT = 30,
  ADDRESS_BITS = sizeof(void *) == 8 ? 48 : 32, /* of user space, on x86-64 and aarch64 with four-level tables */
  LEAF_ENTRIES = 1 << (LEAF_SHIFT - GRANULE_SHIFT),
  ROOT_ENTRIES = 1 << (ADDRESS_BITS - LEAF_SHIFT)
};

/* A heap starts with its bins, at a multiple of HEAP_ALIGN: the address of a bin tells its heap and its class. */
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
/* Two leaves lie beside the root: one for the break heap, so that a small program maps none, and one in reserve, for
 * a mapping that has already moved when the system refuses a leaf for its new place. */
struct pagemap {
  _Atomic(struct leaf *) root[ROOT_ENTRIES];
  struct leaf first, last;
};
INTERNAL struct pagemap brimi_pagemap;
/* Where the GiB of the first leaf starts. Most blocks lie there, and are found without the root. Written once
 * (relaxed): a thread that reads the initial value, which no address matches, finds the same leaf by the root. */
INTERNAL _Atomic uintptr_t brimi_pagemap_first;
/* That leaf. Never written, but not const: gcc then adds it by a load that is part of the addition, one instruction fewer. */
INTERNAL struct leaf *brimi_pagemap_first_leaf;
/* The same for the leaf made next, mostly that of large blocks' mappings. Each is written once, the leaf before its
 * GiB (release: pairs with brimi_pagemap_second_span). */
INTERNAL _Atomic uintptr_t brimi_pagemap_second;
INTERNAL _Atomic(struct leaf *) brimi_pagemap_second_leaf;

/* The entry of the address `offset` bytes into a leaf's GiB. Computed in bytes: with an index, gcc would spend one
 * more instruction to add that of the first leaf in the map. */
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

/* The same for the second leaf's GiB. For free() only: elsewhere the time saved is not worth the code. */
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

/* The heap that owns the slab at the address; NULL if there is no slab, or a large block. Without that heap's lock
 * the answer may be outdated, but is always some heap; with it, its own slabs stand still. */
static inline struct heap *brimi_pagemap_owner(const void *address)
{
  struct span *span = brimi_pagemap_span(address);
  struct bin *bin = span && load_acquire(&span->inverse) ? load_relaxed(&span->bin) : BIN_NONE;
  return bin == BIN_NONE ? NULL : brimi_bin_heap(bin);
}

/* What will lie at the addresses that need a leaf. */
enum leaf_use {
  LEAF_HEAP,    /* may get the first leaf, kept for it: a large block may come before the first small one */
  LEAF_MAPPING, /* of a large block */
  LEAF_MOVED    /* the same, lying there already: may get the leaf in reserve */
};
/* Makes sure that every address of the range has a leaf. False if memory is out: nothing may be entered there then.
 * LEAF_MOVED is for one address, and does not fail if brimi_pagemap_ready() was true; the caller holds
 * brimi_large_lock over both, so that nothing else moves meanwhile. */
bool brimi_pagemap_reserve(uintptr_t start, size_t bytes, enum leaf_use use);
INTERNAL bool brimi_pagemap_full; /* the leaf in reserve is in use */
static inline bool brimi_pagemap_ready(void) { return !brimi_pagemap_full; }
/* Enters the slab for `granules` granules from its start. Its blocks go to the owner's `bin`. */
void brimi_pagemap_enter(struct slab *slab, size_t granules, struct bin *bin);
/* Forgets what is entered for `granules` granules from `start`: no block is found there. The rest of each entry
 * stays, for the message about a block that is freed once more. */
void brimi_pagemap_forget(uintptr_t start, size_t granules);

#endif
