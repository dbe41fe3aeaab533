/* malloc.c: C's allocation functions, in front of those of libbrim.so. Functions that only read (malloc_usable_size,
 * mallinfo2, ...) are libbrim.so's. */
#include "sample.h"

#include <brim/brim.h>
#include <errno.h>

#define ALSO(name, same) EXPORT extern __typeof__(same) name ATTRIBUTES_OF(same) __attribute__((alias(#same)));

EXPORT void *malloc(size_t size);
void *malloc(size_t size)
{
  return likely(sample_passes(size)) ? brim_malloc(size) : sample_block(brim_malloc(size), size);
}

EXPORT void *calloc(size_t count, size_t size);
void *calloc(size_t count, size_t size)
{
  size_t bytes;
  if (unlikely(__builtin_mul_overflow(count, size, &bytes)) || likely(sample_passes(bytes)))
    return brim_calloc(count, size);
  return sample_block(brim_calloc(count, size), bytes);
}

/* The record goes first: once the block is freed, another thread may get its address. */
EXPORT void free(void *block);
void free(void *block)
{
  if (unlikely(record_may_hold(block)))
    sample_forget(block);
  brim_free(block);
}

/* A resized block counts as a new one. The old record is taken out before the block may be freed, and put back if it was not. */
EXPORT void *realloc(void *block, size_t size);
void *realloc(void *block, size_t size)
{
  struct record taken;
  bool was_recorded = unlikely(record_may_hold(block)) && sample_take(block, &taken);
  if (likely(!was_recorded) && likely(sample_passes(size)))
    return brim_realloc(block, size);
  void *resized = brim_realloc(block, size);
  if (!resized && size && was_recorded)
    sample_put_back(&taken);
  return resized && (!was_recorded || !sample_passes(size)) ? sample_block(resized, size) : resized;
}

EXPORT void *reallocarray(void *block, size_t count, size_t size);
void *reallocarray(void *block, size_t count, size_t size)
{
  size_t bytes;
  /* brim_reallocarray() refuses it. */
  if (__builtin_mul_overflow(count, size, &bytes))
    return brim_reallocarray(block, count, size);
  return realloc(block, bytes);
}

EXPORT void *reallocf(void *block, size_t size);
void *reallocf(void *block, size_t size)
{
  void *resized = realloc(block, size);
  if (!resized && size)
    free(block);
  return resized;
}

/* ---- Alignment --------------------------------------------------------------------------------------------------- */

EXPORT void *aligned_alloc(size_t alignment, size_t size);
void *aligned_alloc(size_t alignment, size_t size)
{
  return sample_passes(size) ? brim_aligned_alloc(alignment, size)
                             : sample_block(brim_aligned_alloc(alignment, size), size);
}

EXPORT void *memalign(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size)
{
  return sample_passes(size) ? brim_memalign(alignment, size) : sample_block(brim_memalign(alignment, size), size);
}

EXPORT int posix_memalign(void **block, size_t alignment, size_t size);
int posix_memalign(void **block, size_t alignment, size_t size)
{
  int error = brim_posix_memalign(block, alignment, size);
  if (!error && !sample_passes(size))
    sample_block(*block, size);
  return error;
}

EXPORT void *valloc(size_t size);
void *valloc(size_t size) { return sample_passes(size) ? brim_valloc(size) : sample_block(brim_valloc(size), size); }

EXPORT void *pvalloc(size_t size);
void *pvalloc(size_t size)
{
  return sample_passes(size) ? brim_pvalloc(size) : sample_block(brim_pvalloc(size), size);
}

/* Some of these have more arguments, in registers that free() does not read. The last two are C++'s plain forms of delete; its
 * other forms are made of them (src/api/forms.h). */
ALSO(cfree, free)
ALSO(free_sized, free)
ALSO(free_aligned_sized, free)
ALSO(__libc_malloc, malloc)
ALSO(__libc_free, free)
ALSO(__libc_calloc, calloc)
ALSO(__libc_realloc, realloc)
ALSO(__libc_memalign, memalign)
ALSO(__libc_valloc, valloc)
ALSO(__libc_pvalloc, pvalloc)
ALSO(_ZdlPv, free)
ALSO(_ZdlPvSt11align_val_t, free)
