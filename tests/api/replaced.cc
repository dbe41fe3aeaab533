// replaced.cc: a program brings its own plain new and delete. Every other form is made of them, as the C++ standard says.
#include "tap.h"
#include "api/forms.h"
#include <cstdlib>
#include <new>

namespace
{
enum { HEADER = 64, ALIGNMENT = 256 };
const std::align_val_t wide{ALIGNMENT};
int news, deletes;

void *shifted(void *block)
{
  news++;
  return static_cast<char *>(block) + HEADER;
}
void shift_back(void *block)
{
  deletes++;
  std::free(static_cast<char *>(block) - HEADER);
}
} // namespace

#pragma GCC diagnostic ignored "-Wsized-deallocation"
void *operator new(std::size_t size) { return shifted(std::malloc(size + HEADER)); }
void operator delete(void *block) noexcept { shift_back(block); }
void *operator new(std::size_t size, std::align_val_t) { return shifted(std::malloc(size + HEADER)); }
void operator delete(void *block, std::align_val_t) noexcept { shift_back(block); }

int main()
{
  void *b[FORMS];
  by_each_form(b, 100, wide);
  ok(news == 8, "each form of new calls the program's: %d of 8", news);
  ::operator delete(b[0], 100);
  ::operator delete[](b[1], 100);
  ::operator delete(b[2], std::nothrow);
  ::operator delete[](b[3], std::nothrow);
  ::operator delete(b[4], 100, wide);
  ::operator delete[](b[5], 100, wide);
  ::operator delete(b[6], wide, std::nothrow);
  ::operator delete[](b[7], wide, std::nothrow);
  ::operator delete[](::operator new[](100));
  ::operator delete[](::operator new[](100, wide), wide);
  ok(deletes == 10, "each form of delete too: %d of 10", deletes);
  return done_testing();
}
