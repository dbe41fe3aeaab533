/* print.c: its output is compared with printf's; and buffers that are too small. */
#include "tap.h"
#include "rng.h"
#include "base/print.h"

static size_t wrong_numbers(void)
{
  struct rng rng = {1};
  size_t wrong = 0;
  for (int i = 0; i < 20000; i++) {
    char got[128], expected[128];
    struct text out = TEXT(got);
    size_t n = rng_next(&rng) >> rng_below(&rng, 64);
    brimi_print(&out, "%zu|%p|%14zu|%20zu", n, (void *)n, n, n);
    snprintf(expected, sizeof expected, "%zu|%p|%14zu|%20zu", n, (void *)n, n, n);
    wrong += n && (strcmp(got, expected) || out.length != strlen(got));
  }
  return wrong;
}

static bool prints_strings(void)
{
  static const char *const strings[] = {"", "a", "seven by", "longer than ten"};
  bool good = true;
  for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
    char got[64], expected[64];
    struct text out = TEXT(got);
    brimi_print(&out, "%s|%-10s|", strings[i], strings[i]);
    snprintf(expected, sizeof expected, "%s|%-10s|", strings[i], strings[i]);
    good &= !strcmp(got, expected) && out.length == strlen(got);
  }
  return good;
}

/* With every capacity: what fits is there, with a NUL after it, and nothing is written beyond. */
static size_t wrong_cuts(void)
{
  static const char whole[] = "text 1234567890 0xabcdef so    .";
  size_t wrong = 0;
  for (size_t capacity = 1; capacity <= sizeof whole + 3; capacity++) {
    char got[64];
    memset(got, '#', sizeof got);
    struct text out = {got, capacity, 0};
    brimi_print(&out, "text %zu %p ", (size_t)1234567890, (void *)0xabcdef);
    brimi_print(&out, "%-6s.", "so");
    size_t kept = capacity - 1 < strlen(whole) ? capacity - 1 : strlen(whole);
    wrong += out.length != kept || memcmp(got, whole, kept) || got[kept] || got[capacity] != '#';
  }
  return wrong;
}

int main(void)
{
  char buffer[64];
  struct text out = TEXT(buffer);
  ok(!wrong_numbers(), "numbers as printf has them");
  ok(prints_strings(), "strings as printf has them");
  ok(!wrong_cuts(), "what does not fit is dropped");
  brimi_print(&out, "%zu %p", (size_t)0, NULL);
  ok(!strcmp(buffer, "0 0x0"), "zero has a digit, and so has NULL: %s", buffer);
  return done_testing();
}
