/* record.h: what is known of the sampled blocks: which stack allocated each, and the sums of each stack.
 *
 * Any thread may call record_may_hold(); and everything else here while it holds the guard of sample.h (`is_inside`). One lock
 * serializes the threads. Nothing here allocates or calls code that is not the C library's. */
#ifndef BRIM_PROFILE_RECORD_H
#define BRIM_PROFILE_RECORD_H

#include "base/atomic.h"
#include "format.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether this process is the one that is profiled. The first call asks the environment. */
enum record_state { RECORD_UNKNOWN, RECORD_OFF, RECORD_ON };
enum record_state record_state(void);
/* Bytes between two samples. Only if the state is RECORD_ON. */
uint64_t record_rate(void);

struct record {
  void *address;
  uint64_t size;
  uint32_t site;
};
/* Each does nothing, or returns false, in a process that is not profiled. If a block of that address is recorded, as its
 * free was not seen, record_add() drops it. */
void record_add(void *address, uint64_t size, const uint64_t *stack, uint32_t depth);
bool record_take(void *address, struct record *taken);
/* Undoes record_take. */
void record_put_back(const struct record *taken);

/* How many recorded blocks have an address of each hash; a count that reaches RECORD_CROWD stays there. Writers hold the
 * lock. Relaxed: whoever frees a block has got its address from the thread that allocated it, and with it sees what that
 * thread wrote here before. */
enum { RECORD_FILTER_BITS = 16, RECORD_CROWD = 255 };
INTERNAL _Atomic uint8_t record_filter[1 << RECORD_FILTER_BITS];

static inline uint64_t record_hash(const void *address) { return ((uintptr_t)address >> 4) * 0x9e3779b97f4a7c15u; }

/* False for all but a few of the blocks that are not recorded. */
static inline bool record_may_hold(const void *address)
{
  return load_relaxed(&record_filter[record_hash(address) >> (64 - RECORD_FILTER_BITS)]) != 0;
}

#endif
