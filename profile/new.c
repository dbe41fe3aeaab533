/* new.c: C++'s plain new and delete, by their mangled names (Itanium C++ ABI, with size_t as `m`), in front of libbrim.so's. The
 * other forms are made of these (src/api/forms.h). When memory is out, libbrim.so's take over: they call the new-handler or throw. */
#define _GNU_SOURCE
#include "sample.h"

#include <brim/brim.h>
#include <dlfcn.h>

static COLD void *rest(const char *name, size_t size, size_t alignment)
{
  void *(*next)(size_t, size_t) = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, name);
  return next ? next(size, alignment) : NULL;
}

EXPORT void *_Znwm(size_t size);
void *_Znwm(size_t size)
{
  void *block = brim_malloc(size);
  if (unlikely(!block))
    block = rest("_Znwm", size, 0);
  return likely(sample_passes(size)) ? block : sample_block(block, size);
}

EXPORT void *_ZnwmSt11align_val_t(size_t size, size_t alignment);
void *_ZnwmSt11align_val_t(size_t size, size_t alignment)
{
  void *block = brim_aligned_alloc(alignment, size);
  if (unlikely(!block))
    block = rest("_ZnwmSt11align_val_t", size, alignment);
  return likely(sample_passes(size)) ? block : sample_block(block, size);
}
