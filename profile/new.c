/* new.c: C++'s new and delete, by their mangled names, in front of those of libbrim.so (src/api/new.c). When memory is out,
 * that one's calls the new-handler or throws. */
#define _GNU_SOURCE
#include "sample.h"

#include <brim/brim.h>
#include <dlfcn.h>
#include <errno.h>

typedef void *plain_new(size_t size);
typedef void *aligned_new(size_t size, size_t alignment);

static COLD void *rest_plain(const char *name, size_t size)
{
  plain_new *next = (plain_new *)dlsym(RTLD_NEXT, name);
  return next ? next(size) : NULL;
}

static COLD void *rest_aligned(const char *name, size_t size, size_t alignment)
{
  aligned_new *next = (aligned_new *)dlsym(RTLD_NEXT, name);
  return next ? next(size, alignment) : NULL;
}

/* The same for each form but for what happens without memory. */
#define NEW(name)                                                                                                    \
  EXPORT plain_new name;                                                                                             \
  void *name(size_t size)                                                                                            \
  {                                                                                                                  \
    void *block = brim_malloc(size);                                                                                 \
    if (unlikely(!block))                                                                                            \
      block = rest_plain(#name, size);                                                                               \
    return likely(sample_passes(size)) ? block : sample_block(block, size);                                          \
  }
#define NEW_ALIGNED(name)                                                                                            \
  EXPORT aligned_new name;                                                                                           \
  void *name(size_t size, size_t alignment)                                                                          \
  {                                                                                                                  \
    void *block = brim_aligned_alloc(alignment, size);                                                               \
    if (unlikely(!block))                                                                                            \
      block = rest_aligned(#name, size, alignment);                                                                  \
    return likely(sample_passes(size)) ? block : sample_block(block, size);                                          \
  }
#define AS(name, same) EXPORT extern __typeof__(same)(name) __attribute__((alias(#same)));
#define DELETE(name)   AS(name, _ZdlPv)
/* clang-format off */
/* new, new[]: plain, nothrow, aligned, aligned nothrow */
NEW(_Znwm)
NEW(_ZnwmRKSt9nothrow_t)
NEW_ALIGNED(_ZnwmSt11align_val_t)
NEW_ALIGNED(_ZnwmSt11align_val_tRKSt9nothrow_t)
AS(_Znam, _Znwm)
AS(_ZnamRKSt9nothrow_t, _ZnwmRKSt9nothrow_t)
AS(_ZnamSt11align_val_t, _ZnwmSt11align_val_t)
AS(_ZnamSt11align_val_tRKSt9nothrow_t, _ZnwmSt11align_val_tRKSt9nothrow_t)
/* delete, delete[]: plain, sized, nothrow, aligned, sized aligned, aligned nothrow */
EXPORT void _ZdlPv(void *block);
void _ZdlPv(void *block)
{
  if (unlikely(record_may_hold(block)))
    sample_forget(block);
  brim_free(block);
}
DELETE(_ZdaPv)
DELETE(_ZdlPvm)
DELETE(_ZdaPvm)
DELETE(_ZdlPvRKSt9nothrow_t)
DELETE(_ZdaPvRKSt9nothrow_t)
DELETE(_ZdlPvSt11align_val_t)
DELETE(_ZdaPvSt11align_val_t)
DELETE(_ZdlPvmSt11align_val_t)
DELETE(_ZdaPvmSt11align_val_t)
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t)
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t)
