/* pool.h: the freed mappings that no thread keeps, by age, by size and by where they lie. Any thread, under one lock. Whoever
 * takes one owns it. What a call costs does not grow with their number, but for chains of those whose edges have one hash: of
 * more than a few of one size, eight sizes a doubling, only those freed first are looked at. */
#ifndef BRIM_POOL_H
#define BRIM_POOL_H

#include "core/slab.h"
#include "os/lock.h"

INTERNAL struct lock brimi_large_lock;

/* The epoch of a mapping that the system refused to unmap: it has lost its pages and is never too old. */
#define POOL_STUCK UINT32_MAX

/* Bytes of the record of a large block, with room for its links in the pool. */
enum { POOL_LINKS = 6 * sizeof(void *) };
#define POOL_RECORD (brimi_slab_record(1) + POOL_LINKS)

/* Joins the mapping with those in the pool that lie directly before and behind it; returns how many of them there were. */
unsigned brimi_pool_put(struct slab *slab);
/* One that holds `bytes`, of which at most an eighth is left over; NULL if there is none. */
struct slab *brimi_pool_take(size_t bytes, size_t alignment);
/* The smallest that holds `bytes` and is aligned, or else, if any page will do, the largest that does not hold them: it would
 * move as it grows. NULL if there is none. */
struct slab *brimi_pool_take_near(size_t bytes, size_t alignment);
/* Makes `high`, which begins where `low` ends, a part of it. They are the caller's, and not in the pool. */
void brimi_pool_absorb(struct slab *low, struct slab *high);
/* The one that begins where `before` ends, if it holds `bytes`; else NULL. */
struct slab *brimi_pool_take_behind(const struct slab *before, size_t bytes);
/* Whether one of them holds `bytes`; it may be gone a moment later. */
bool brimi_pool_holds(size_t bytes);
/* The oldest, if it was freed before `epoch` or the pool holds more than `bound` bytes. */
struct slab *brimi_pool_take_oldest(uint32_t epoch, size_t bound);
/* All stuck ones, linked by `previous`. */
struct slab *brimi_pool_take_stuck(void);
/* Bytes in it that have pages: without those of the stuck ones. Written under the lock; relaxed. */
INTERNAL _Atomic size_t brimi_pool_bytes;

#endif
