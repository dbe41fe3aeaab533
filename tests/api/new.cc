// new.cc: every form of C++ new and delete comes from Brim, calls the new-handler and throws std::bad_alloc.
#include "tap.h"
#include "api/forms.h"
#include "api/names.h"
#include <new>
#include <string>
#include <vector>

namespace
{
// Too large for any process, but not for the compiler.
std::size_t impossible() { return hide_size((std::size_t)PTRDIFF_MAX - 4096); }
constexpr std::align_val_t wide{256};

int handler_calls;
void give_up_at_the_third_call()
{
  if (++handler_calls == 3)
    std::set_new_handler(nullptr);
}
struct from_handler {
};
void throw_other() { throw from_handler(); }
void throw_bad_alloc() { throw std::bad_alloc(); }

bool owned(void *block, std::size_t alignment)
{
  return block && brim_owns(block) && (std::uintptr_t)block % alignment == 0;
}

void forms()
{
  void *b[FORMS];
  by_each_form(b, 100, wide);
  for (int i = 0; i < FORMS; i++)
    ok(owned(hide(b[i]), i < PLAIN_FORMS ? 16 : 256), "form %d of new is Brim's and aligned", i);
  ::operator delete(b[0]);
  ::operator delete[](b[1], (std::size_t)100);
  ::operator delete(b[2], std::nothrow);
  ::operator delete[](b[3], std::nothrow);
  ::operator delete(b[4], wide);
  ::operator delete[](b[5], (std::size_t)100, wide);
  ::operator delete(b[6], wide, std::nothrow);
  ::operator delete[](b[7], wide, std::nothrow);
  bool freed = true;
  for (void *block : b)
    freed &= !brim_owns(hide(block));
  ok(freed, "and the forms of delete free it");
  void *rest[4] = {::operator new(50), ::operator new[](50), ::operator new(50, wide), ::operator new[](50, wide)};
  ::operator delete(rest[0], (std::size_t)50);
  ::operator delete[](rest[1]);
  ::operator delete(rest[2], (std::size_t)50, wide);
  ::operator delete[](rest[3], wide);
  freed = true;
  for (void *block : rest)
    freed &= !brim_owns(hide(block));
  ok(freed, "the rest of delete too");
  ::operator delete(nullptr);
  ::operator delete[](nullptr, wide);
  void *empty = ::operator new(hide_size(0));
  ok(empty != nullptr, "new of 0 bytes is a block");
  ::operator delete(empty);
}

template <class Exception, class Allocate> bool throws(Allocate allocate)
{
  try {
    hide(allocate());
  } catch (const Exception &) {
    return true;
  } catch (...) {
  }
  return false;
}

void out_of_memory()
{
  auto plain = [] { return ::operator new(impossible()); };
  auto array = [] { return ::operator new[](impossible()); };
  auto aligned = [] { return ::operator new(impossible(), wide); };
  auto aligned_array = [] { return ::operator new[](impossible(), wide); };
  ok(throws<std::bad_alloc>(plain) && throws<std::bad_alloc>(array), "new throws std::bad_alloc");
  ok(throws<std::bad_alloc>(aligned) && throws<std::bad_alloc>(aligned_array), "aligned new too");
  ok(!::operator new(impossible(), std::nothrow) && !::operator new[](impossible(), std::nothrow) &&
         !::operator new(impossible(), wide, std::nothrow) && !::operator new[](impossible(), wide, std::nothrow),
     "nothrow new is nullptr");
  ok(throws<std::bad_alloc>([] { return ::operator new(hide_size(SIZE_MAX)); }), "new of SIZE_MAX throws");
}

void no_power_of_two()
{
  handler_calls = 0;
  std::set_new_handler(give_up_at_the_third_call);
  for (std::size_t n : {0, 3, 24, 48}) {
    std::align_val_t odd{hide_size(n)};
    ok(throws<std::bad_alloc>([=] { return ::operator new(1000, odd); }) &&
           throws<std::bad_alloc>([=] { return ::operator new[](1000, odd); }) &&
           !::operator new(1000, odd, std::nothrow) && !::operator new[](1000, odd, std::nothrow),
       "an alignment of %zu is refused", n);
  }
  ok(!handler_calls, "no handler is asked for help with it");
  std::set_new_handler(nullptr);
}

void new_handler()
{
  handler_calls = 0;
  std::set_new_handler(give_up_at_the_third_call);
  ok(throws<std::bad_alloc>([] { return ::operator new(impossible()); }) && handler_calls == 3,
     "the new-handler is called until it gives up");
  handler_calls = 0;
  std::set_new_handler(give_up_at_the_third_call);
  ok(!::operator new[](impossible(), std::nothrow) && handler_calls == 3, "by nothrow new too");
  handler_calls = 0;
  std::set_new_handler(give_up_at_the_third_call);
  ok(throws<std::bad_alloc>([] { return ::operator new(impossible(), wide); }) && handler_calls == 3,
     "by aligned new too");
  std::set_new_handler(throw_other);
  ok(throws<from_handler>([] { return ::operator new(impossible()); }), "what the handler throws passes through");
  std::set_new_handler(throw_bad_alloc);
  ok(!::operator new(impossible(), std::nothrow) && !::operator new[](impossible(), std::nothrow) &&
         !::operator new(impossible(), wide, std::nothrow) && !::operator new[](impossible(), wide, std::nothrow),
     "but not through nothrow new");
  std::set_new_handler(nullptr);
}

void containers()
{
  std::vector<std::string> words;
  for (int i = 0; i < 100000; i++)
    words.push_back("word number " + std::to_string(i) + (i % 100 ? "" : std::string(5000, 'x')));
  ok(words.size() == 100000 && words[99999] == "word number 99999" && brim_owns(hide(&words[0])),
     "a vector of 100,000 strings");
}
} // namespace

int main()
{
  forms();
  out_of_memory();
  no_power_of_two();
  new_handler();
  containers();
  return done_testing();
}
