/* new.c: C++'s new, and its forms that throw nothing.
 *
 * When memory is out, new calls the new-handler again and again, and throws std::bad_alloc if there is none. Both belong
 * to the C++ library, which a C program does not have: they are weak, and looked up when they are needed. */
#define _GNU_SOURCE
#include "api/forms.h"

#if BRIM_OVERRIDE
#include "core/fastpath.h"
#include "os/os.h"

#include <brim/brim.h>
#include <dlfcn.h>
#include <stdlib.h>

typedef void handler(void);
extern handler *get_new_handler(void) __asm__("_ZSt15get_new_handlerv") __attribute__((weak));
extern void throw_bad_alloc(void) __asm__("_ZSt17__throw_bad_allocv") __attribute__((weak));

/* Looks a symbol up in the C++ library, even if that was loaded after us and not for all to see (RTLD_LOCAL). */
static void *in_library(const char *symbol)
{
  void *found = dlsym(RTLD_NEXT, symbol);
  void *library = found ? NULL : dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
  return library ? dlsym(library, symbol) : found;
}

static handler *current_handler(void)
{
  handler *(*get)(void) = get_new_handler;
  if (!get)
    get = (handler * (*)(void)) in_library("_ZSt15get_new_handlerv");
  return get ? get() : NULL;
}

static void give_up(void)
{
  static const char message[] = "brim: operator new: out of memory, and no C++ library to throw std::bad_alloc\n";
  void (*throw)(void) = throw_bad_alloc;
  if (!throw)
    throw = (void (*)(void))in_library("_ZSt17__throw_bad_allocv");
  if (throw)
    throw();
  brimi_os_write(message, sizeof message - 1);
  abort();
}

/* As in the C++ library, no handler is asked for help with an alignment that is invalid. */
static COLD void *new_slow(size_t size, size_t alignment)
{
  for (;;) {
    handler *handle = is_power_of_two(alignment) ? current_handler() : NULL;
    if (!handle)
      give_up();
    handle();
    void *block = alignment > 1 ? brimi_aligned(alignment, size) : brimi_malloc_slow(size);
    if (block)
      return block;
  }
}

/* ---- forms that throw -------------------------------------------------------------------------------------------- */

static NOINLINE void *new_rest(size_t size)
{
  void *block = brim_malloc(size);
  return likely(block != NULL) ? block : new_slow(size, 1);
}

static HOT void *plain_new(size_t size)
{
  void *block = brimi_malloc_bin(size);
  return likely(block != NULL) ? block : new_rest(size);
}
FORM(_Znwm, plain_new)

static ALWAYS_INLINE void *aligned(size_t alignment, size_t size)
{
  return likely(is_power_of_two(alignment)) ? brimi_aligned(alignment, size) : NULL;
}

static HOT void *aligned_new(size_t size, size_t alignment)
{
  void *block = aligned(alignment, size);
  return likely(block != NULL) ? block : new_slow(size, alignment);
}
FORM(_ZnwmSt11align_val_t, aligned_new)

/* ---- forms that throw nothing --------------------------------------------------------------------------------------
 * What they call for memory may throw: a new-handler, or a form of the program's. C can't catch that, but the C++
 * library's form of the same name does: it calls the form that throws. Where the C++ library is linked in, that form
 * can't be found: then no handler is called, and what the program's form throws ends the program. An argument that a
 * form does not have lies in a register that it does not read. */

typedef void *any_form(size_t, size_t, const void *);

/* `theirs`: the program's form that throws; NULL if that is ours, which found no memory. */
static COLD void *by_library(const char *name, size_t size, size_t alignment, void *theirs)
{
  any_form *form = (any_form *)in_library(name);
  if (!form)
    form = (any_form *)theirs;
  return form ? form(size, alignment, NULL) : NULL;
}

static void *nothrow_new(size_t size)
{
  bool is_ours = _Znwm == plain_new;
  void *block = is_ours ? brim_malloc(size) : NULL;
  return block ? block : by_library("_ZnwmRKSt9nothrow_t", size, 0, is_ours ? NULL : _Znwm);
}
FORM(_ZnwmRKSt9nothrow_t, nothrow_new)

static void *nothrow_array_new(size_t size)
{
  return _Znam == brimi_array_new ? _ZnwmRKSt9nothrow_t(size) : by_library("_ZnamRKSt9nothrow_t", size, 0, _Znam);
}
FORM(_ZnamRKSt9nothrow_t, nothrow_array_new)

static void *nothrow_aligned_new(size_t size, size_t alignment)
{
  bool is_ours = _ZnwmSt11align_val_t == aligned_new;
  void *block = is_ours ? aligned(alignment, size) : NULL;
  return block ? block
               : by_library("_ZnwmSt11align_val_tRKSt9nothrow_t", size, alignment,
                            is_ours ? NULL : _ZnwmSt11align_val_t);
}
FORM(_ZnwmSt11align_val_tRKSt9nothrow_t, nothrow_aligned_new)

static void *nothrow_aligned_array_new(size_t size, size_t alignment)
{
  return _ZnamSt11align_val_t == brimi_aligned_array_new
             ? _ZnwmSt11align_val_tRKSt9nothrow_t(size, alignment)
             : by_library("_ZnamSt11align_val_tRKSt9nothrow_t", size, alignment, _ZnamSt11align_val_t);
}
FORM(_ZnamSt11align_val_tRKSt9nothrow_t, nothrow_aligned_array_new)
#endif
