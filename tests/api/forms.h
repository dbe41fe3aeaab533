// forms.h: a block by each form of C++'s new.
#ifndef BRIM_TESTS_FORMS_H
#define BRIM_TESTS_FORMS_H

#include <cstddef>
#include <new>

enum { FORMS = 8, PLAIN_FORMS = 4 /* the first; the others are aligned */ };

static inline void by_each_form(void *blocks[FORMS], std::size_t size, std::align_val_t alignment)
{
  void *all[FORMS] = {::operator new(size),
                      ::operator new[](size),
                      ::operator new(size, std::nothrow),
                      ::operator new[](size, std::nothrow),
                      ::operator new(size, alignment),
                      ::operator new[](size, alignment),
                      ::operator new(size, alignment, std::nothrow),
                      ::operator new[](size, alignment, std::nothrow)};
  for (int i = 0; i < FORMS; i++)
    blocks[i] = all[i];
}

#endif
