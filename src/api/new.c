/* new.c: every form of C++'s new and delete, by their mangled names (Itanium C++ ABI, with size_t as `m`).
 *
 * When memory is out, new calls the new-handler again and again, and throws std::bad_alloc if there is none. Both belong
 * to the C++ library, which a C program does not have: they are weak, and looked up when they are needed. */
#define _GNU_SOURCE
#include "api/names.h"

#if BRIM_OVERRIDE
#include "core/fastpath.h"
#include "os/os.h"

#include <dlfcn.h>
#include <stdlib.h>

typedef void handler(void);
extern handler *get_new_handler(void) __asm__("_ZSt15get_new_handlerv") __attribute__((weak));
extern void throw_bad_alloc(void) __asm__("_ZSt17__throw_bad_allocv") __attribute__((weak));

/* A C++ library that was loaded after us, and not for all to see. */
static void *in_late_library(const char *symbol)
{
  void *library = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
  return library ? dlsym(library, symbol) : NULL;
}

static handler *current_handler(void)
{
  handler *(*get)(void) = get_new_handler;
  if (!get)
    get = (handler * (*)(void)) in_late_library("_ZSt15get_new_handlerv");
  return get ? get() : NULL;
}

static void *give_up(bool may_throw)
{
  static const char message[] = "brim: operator new: out of memory, and no C++ library to throw std::bad_alloc\n";
  if (!may_throw)
    return NULL;
  void (*throw)(void) = throw_bad_alloc;
  if (!throw)
    throw = (void (*)(void))in_late_library("_ZSt17__throw_bad_allocv");
  if (throw)
    throw();
  brimi_os_write(message, sizeof message - 1);
  abort();
}

static COLD void *new_slow(size_t size, size_t alignment, bool may_throw)
{
  for (;;) {
    handler *handle = current_handler();
    if (!handle)
      return give_up(may_throw);
    handle();
    void *block = alignment ? brimi_aligned(alignment, size) : brimi_malloc_slow(size);
    if (block)
      return block;
  }
}

static NOINLINE void *new_rest(size_t size, bool may_throw)
{
  void *block = brimi_malloc_rest(size);
  return likely(block != NULL) ? block : new_slow(size, 0, may_throw);
}

static ALWAYS_INLINE void *new_plain(size_t size, bool may_throw)
{
  void *block = brimi_malloc_bin(size);
  return likely(block != NULL) ? block : new_rest(size, may_throw);
}

static ALWAYS_INLINE void *new_aligned(size_t size, size_t alignment, bool may_throw)
{
  void *block = brimi_aligned(alignment, size);
  return likely(block != NULL) ? block : new_slow(size, alignment, may_throw);
}

/* A form that does the same as another is another name of it: what it is told besides the first arguments lies in
 * registers that nobody reads. */
#define NEW(name, parameters, call)                                                                                  \
  EXPORT void *name parameters;                                                                                      \
  void *name parameters { return call; }
#define AS_NEW(name, same) EXPORT extern __typeof__(same) name __attribute__((alias(#same)));
#define AS_DELETE(name)    AS_NEW(name, _ZdlPv)
/* clang-format off */
/* new, new[]: plain, nothrow, aligned, aligned nothrow */
NEW(_Znwm, (size_t size), new_plain(size, true))
NEW(_ZnwmRKSt9nothrow_t, (size_t size), new_plain(size, false))
NEW(_ZnwmSt11align_val_t, (size_t size, size_t alignment), new_aligned(size, alignment, true))
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, (size_t size, size_t alignment), new_aligned(size, alignment, false))
AS_NEW(_Znam, _Znwm)
AS_NEW(_ZnamRKSt9nothrow_t, _ZnwmRKSt9nothrow_t)
AS_NEW(_ZnamSt11align_val_t, _ZnwmSt11align_val_t)
AS_NEW(_ZnamSt11align_val_tRKSt9nothrow_t, _ZnwmSt11align_val_tRKSt9nothrow_t)
/* delete, delete[]: plain, sized, nothrow, aligned, sized aligned, aligned nothrow */
EXPORT void _ZdlPv(void *block);
void _ZdlPv(void *block) { brimi_free_fast(block); }
AS_DELETE(_ZdaPv)
AS_DELETE(_ZdlPvm)
AS_DELETE(_ZdaPvm)
AS_DELETE(_ZdlPvRKSt9nothrow_t)
AS_DELETE(_ZdaPvRKSt9nothrow_t)
AS_DELETE(_ZdlPvSt11align_val_t)
AS_DELETE(_ZdaPvSt11align_val_t)
AS_DELETE(_ZdlPvmSt11align_val_t)
AS_DELETE(_ZdaPvmSt11align_val_t)
AS_DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t)
AS_DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t)
#endif
