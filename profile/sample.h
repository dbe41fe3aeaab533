/* sample.h: which allocations are recorded. Each allocated byte is equally likely to make its block a sample. The bytes that
 * do are `rate` bytes apart on average, counted in each thread by itself. */
#ifndef BRIM_PROFILE_SAMPLE_H
#define BRIM_PROFILE_SAMPLE_H

#include "base/compiler.h"
#include "record.h"

/* This thread's; a signal handler that interrupts the thread sees it in any state. */
struct sampler {
  uint64_t left; /* bytes up to the next sample; 0: sample_block() has to decide */
  uint64_t random;
  bool is_inside; /* the guard: in code of this library that must not be entered again */
  bool has_begun;
};
INTERNAL THREAD_LOCAL struct sampler sampler;

/* Counts `size` bytes. If it returns false, the caller must pass the block to sample_block(). */
static inline bool sample_passes(size_t size)
{
  if (unlikely(size >= sampler.left))
    return false;
  sampler.left -= size;
  return true;
}

/* Records the block if it is a sample, and returns it in any case. Ignores NULL. Leaves errno alone. */
void *sample_block(void *block, size_t size);
/* Forgets the block, if it is recorded, before it is freed. */
void sample_forget(void *block);
/* The same, for a block that may have to come back. */
bool sample_take(void *block, struct record *taken);
void sample_put_back(const struct record *taken);

#endif
