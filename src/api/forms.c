#include "api/forms.h"

#if BRIM_OVERRIDE
HOT void *brimi_array_new(size_t size) { return _Znwm(size); }
void *brimi_aligned_array_new(size_t size, size_t alignment) { return _ZnwmSt11align_val_t(size, alignment); }
FORM(_Znam, brimi_array_new)
FORM(_ZnamSt11align_val_t, brimi_aligned_array_new)

static HOT void to_delete(void *block) { _ZdlPv(block); }
FORM(_ZdaPv, to_delete)
FORM(_ZdlPvm, to_delete)
FORM(_ZdlPvRKSt9nothrow_t, to_delete)

static HOT void to_array_delete(void *block) { _ZdaPv(block); }
FORM(_ZdaPvm, to_array_delete)
FORM(_ZdaPvRKSt9nothrow_t, to_array_delete)

static void to_aligned_delete(void *block, size_t alignment) { _ZdlPvSt11align_val_t(block, alignment); }
FORM(_ZdaPvSt11align_val_t, to_aligned_delete)
FORM(_ZdlPvSt11align_val_tRKSt9nothrow_t, to_aligned_delete)

static void to_aligned_array_delete(void *block, size_t alignment) { _ZdaPvSt11align_val_t(block, alignment); }
FORM(_ZdaPvSt11align_val_tRKSt9nothrow_t, to_aligned_array_delete)

static void to_sized_aligned(void *block, size_t size, size_t alignment)
{
  (void)size;
  _ZdlPvSt11align_val_t(block, alignment);
}
FORM(_ZdlPvmSt11align_val_t, to_sized_aligned)

static void to_sized_aligned_array(void *block, size_t size, size_t alignment)
{
  (void)size;
  _ZdaPvSt11align_val_t(block, alignment);
}
FORM(_ZdaPvmSt11align_val_t, to_sized_aligned_array)
#endif
