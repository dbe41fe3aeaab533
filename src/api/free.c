/* free.c: free, under each of its names. What some of them are told besides the block lies in registers that nobody reads. */
#include "api/forms.h"
#include "core/fastpath.h"

#include <brim/brim.h>

HOT NOINLINE void brim_free(void *block) { brimi_free_fast(block); }

ALIASES_MAY_DIFFER
#define AS_FREE(name) extern __typeof__(name) name ATTRIBUTES_OF(brim_free) __attribute__((alias("brim_free")));
AS_FREE(brim_cfree)
AS_FREE(brim_free_sized)
AS_FREE(brim_free_aligned_sized)

ALSO(free, brim_free)
ALSO(cfree, brim_cfree)
ALSO(free_sized, brim_free_sized)
ALSO(free_aligned_sized, brim_free_aligned_sized)
ALSO(__libc_free, brim_free)

#if BRIM_OVERRIDE
FORM(_ZdlPv, brim_free)
extern void _ZdlPvSt11align_val_t(void *block, size_t alignment) ATTRIBUTES_OF(brim_free)
    __attribute__((weak, alias("brim_free"), visibility("default")));
#endif
