/* pool.h: the freed mappings that no thread keeps, by age, by size and by where they lie. Any thread, under one lock.
 * Whoever takes one owns it. The cost of a call does not grow with their number, since of each size (eight to a
 * doubling) only the few freed first are looked at; only chains of mappings whose edges have one hash make it grow. */
#ifndef BRIM_POOL_H
#define BRIM_POOL_H

#include "core/slab.h"
#include "os/lock.h"

INTERNAL struct lock brimi_large_lock;

/* The epoch of a mapping that the system refused to unmap: it has lost its pages, and age does not matter for it. */
#define POOL_STUCK UINT32_MAX

/* Bytes of the record of a large block, with room for its links in the pool. */
enum { POOL_LINKS = 6 * sizeof(void *) };
#define POOL_RECORD (brimi_slab_record(1) + POOL_LINKS)

/* Puts the mapping into the pool and joins it with those there directly before and behind it; returns how many these are. */
unsigned brimi_pool_put(struct slab *slab);
/* Takes one that holds `bytes`, with at most an eighth of it left over; NULL if there is none. */
struct slab *brimi_pool_take(size_t bytes, size_t alignment);
/* Takes the smallest that holds `bytes` and is aligned; else, if any page will do, the largest that does not hold
 * them: growing may move it. NULL if there is none. */
struct slab *brimi_pool_take_near(size_t bytes, size_t alignment);
/* Makes `high`, which begins where `low` ends, a part of `low`. Both are the caller's, and not in the pool. */
void brimi_pool_absorb(struct slab *low, struct slab *high);
/* Takes the one that begins where `before` ends, if it holds `bytes`; else NULL. */
struct slab *brimi_pool_take_behind(const struct slab *before, size_t bytes);
/* Whether one of them holds `bytes`; it may be gone a moment later. */
bool brimi_pool_holds(size_t bytes);
/* Takes the oldest, if it was freed before `epoch` or the pool holds more than `bound` bytes; else NULL. */
struct slab *brimi_pool_take_oldest(uint32_t epoch, size_t bound);
/* Takes all stuck ones, linked by `previous`. */
struct slab *brimi_pool_take_stuck(void);
/* Bytes in the pool, without the stuck ones, which have no pages. Written under the lock; relaxed. */
INTERNAL _Atomic size_t brimi_pool_bytes;

#endif
