/* malloc.c: the calls of C. This file and its neighbours are the only ones that set errno. */
#include "api/names.h"
#include "core/fastpath.h"
#include "core/misuse.h"

#include <brim/brim.h>
#include <errno.h>

static COLD void *out_of_memory(void)
{
  errno = ENOMEM;
  return NULL;
}

static ALWAYS_INLINE void *checked(void *block) { return likely(block != NULL) ? block : out_of_memory(); }

/* Out of line, so that the hot path calls nothing and needs no stack frame. */
static NOINLINE void *malloc_rest(size_t size) { return checked(brimi_malloc_slow(size)); }

HOT void *brim_malloc(size_t size)
{
  struct front *front = opaque(&brimi_front);
  size_t offset;
  if (likely(brimi_bin_offset(front, size, &offset))) {
    void *block = brimi_bin_take(brimi_bin_at(front, offset));
    return likely(block != NULL) ? block : malloc_rest(size);
  }
  void *block = brimi_large_alloc_fast(brimi_heap_by(front), size);
  return likely(block != NULL) ? RETURNED(block) : malloc_rest(size);
}

static NOINLINE void *calloc_rest(size_t bytes) { return checked(brimi_calloc_slow(bytes)); }

HOT void *brim_calloc(size_t count, size_t size)
{
  size_t bytes;
  if (unlikely(mul_overflows(count, size, &bytes)))
    return out_of_memory();
  void *block = brimi_calloc_bin(bytes);
  return likely(block != NULL) ? block : calloc_rest(bytes);
}

/* A block that is not live: NULL, or misuse. */
static NOINLINE void *realloc_unknown(void *block, size_t size)
{
  if (!block)
    return brim_malloc(size);
  if (!size) {
    brim_free(block);
    return NULL;
  }
  brimi_misuse("realloc()", block);
  return out_of_memory();
}

static NOINLINE void *realloc_rest(void *block, size_t size, struct bin *bin, _Atomic uint8_t *state)
{
  if (size)
    return checked(brimi_realloc_slow(block, size, bin, state));
  brim_free(block);
  return NULL;
}

HOT NOINLINE void *brim_realloc(void *block, size_t size)
{
  struct bin *bin;
  _Atomic uint8_t *state;
  if (unlikely(!brimi_find_live(block, &bin, &state)))
    return realloc_unknown(block, size);
  return likely(brimi_realloc_stays(bin, state, size)) ? block : realloc_rest(block, size, bin, state);
}

void *brim_reallocarray(void *block, size_t count, size_t size)
{
  size_t bytes;
  if (mul_overflows(count, size, &bytes))
    return out_of_memory();
  return brim_realloc(block, bytes);
}

void *brim_reallocf(void *block, size_t size)
{
  void *resized = brim_realloc(block, size);
  if (!resized && size)
    brim_free(block);
  return resized;
}

void *brim_aligned_alloc(size_t alignment, size_t size)
{
  if (is_power_of_two(alignment))
    return checked(brimi_aligned(alignment, size));
  errno = EINVAL;
  return NULL;
}

ALSO(malloc, brim_malloc)
ALSO(calloc, brim_calloc)
ALSO(realloc, brim_realloc)
ALSO(reallocarray, brim_reallocarray)
ALSO(reallocf, brim_reallocf)
ALSO(aligned_alloc, brim_aligned_alloc)
ALSO(__libc_malloc, brim_malloc)
ALSO(__libc_calloc, brim_calloc)
ALSO(__libc_realloc, brim_realloc)
