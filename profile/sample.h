/* sample.h: which allocations are recorded. Every byte is as likely as any other to be the one that makes its block a sample:
 * between two of them lie `rate` bytes on average, in each thread for itself. */
#ifndef BRIM_PROFILE_SAMPLE_H
#define BRIM_PROFILE_SAMPLE_H

#include "base/compiler.h"
#include "record.h"

/* Of this thread; its signal handlers find it as it is. */
struct sampler {
  uint64_t left; /* bytes up to the next sample; 0: it is to be asked for */
  uint64_t random;
  bool is_inside; /* in the code of this library that must not be entered again */
  bool has_begun;
};
INTERNAL THREAD_LOCAL struct sampler sampler;

/* Counts `size` bytes. False if sample_block() is to be called with the block. */
static inline bool sample_passes(size_t size)
{
  if (unlikely(size >= sampler.left))
    return false;
  sampler.left -= size;
  return true;
}

/* Records the block, or not, and returns it. NULL is none. Leaves errno alone. */
void *sample_block(void *block, size_t size);
/* Forgets the block, if it is recorded, before it is freed. */
void sample_forget(void *block);
/* The same, for a block that may have to come back. */
bool sample_take(void *block, struct record *taken);
void sample_put_back(const struct record *taken);

#endif
