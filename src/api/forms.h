/* forms.h: the forms of C++'s new and delete, by their mangled names (Itanium C++ ABI, with size_t as `m`).
 *
 * A program may replace some of them, and the standard says that the others then call those. So each form but the
 * plain ones jumps to a plainer one, ours or the program's (forms.c), or looks whether that is ours (new.c). All are
 * weak, so that a program that is linked with libbrim.a may have its own. */
#ifndef BRIM_FORMS_H
#define BRIM_FORMS_H

#include "api/names.h"

#include <stddef.h>

#if BRIM_OVERRIDE
#define FORM(name, same)                                                                                             \
  extern __typeof__(same) name ATTRIBUTES_OF(same) __attribute__((weak, alias(#same), visibility("default")));

/* Ours, or the program's. */
extern void *_Znwm(size_t size);
extern void *_Znam(size_t size);
extern void *_ZnwmSt11align_val_t(size_t size, size_t alignment);
extern void *_ZnamSt11align_val_t(size_t size, size_t alignment);
extern void _ZdlPv(void *block);
extern void _ZdaPv(void *block);
extern void _ZdlPvSt11align_val_t(void *block, size_t alignment);
extern void _ZdaPvSt11align_val_t(void *block, size_t alignment);

/* Always ours. */
void *brimi_array_new(size_t size);
void *brimi_aligned_array_new(size_t size, size_t alignment);
#endif

#endif
