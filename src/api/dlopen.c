/* dlopen.c: lets programs run that load libraries with RTLD_DEEPBIND.
 *
 * Such a library finds the C library's malloc before ours, so that a block of one allocator reaches the free of the
 * other. Without the flag it finds what everybody else finds. The call is passed on as a jump: the loader looks at its
 * return address to see whose search path and namespace count. */
#define _GNU_SOURCE
#include "api/names.h"

#if BRIM_OVERRIDE
#include "base/atomic.h"

#include <dlfcn.h>

#ifndef RTLD_DEEPBIND /* of glibc only */
#define RTLD_DEEPBIND 0
#endif

typedef void *open_function(const char *file, int mode);
static _Atomic(open_function *) next_dlopen; /* relaxed: every thread finds the same */

NOINLINE static void find_next(void) { store_relaxed(&next_dlopen, (open_function *)dlsym(RTLD_NEXT, "dlopen")); }

EXPORT void *dlopen(const char *file, int mode)
{
  if (!load_relaxed(&next_dlopen))
    find_next();
  return load_relaxed(&next_dlopen)(file, mode & ~RTLD_DEEPBIND);
}
#endif
