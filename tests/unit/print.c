/* print.c: numbers against printf, columns, and a buffer that is too small. */
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
    uint64_t n = rng_next(&rng) >> rng_below(&rng, 64);
    unsigned width = (unsigned)rng_below(&rng, 24);
    brimi_print_decimal(&out, n);
    brimi_print_string(&out, "|");
    brimi_print_hex(&out, n);
    brimi_print_string(&out, "|");
    brimi_print_padded(&out, n, width);
    snprintf(expected, sizeof expected, "%llu|%#llx|%*llu", (unsigned long long)n, (unsigned long long)n, (int)width,
             (unsigned long long)n);
    wrong += n && (strcmp(got, expected) || out.length != strlen(got));
  }
  return wrong;
}

/* Every capacity: what fits is there, and a NUL behind it, and nothing beyond. */
static size_t wrong_cuts(void)
{
  static const char whole[] = "text 1234567890 0xabcdef";
  size_t wrong = 0;
  for (size_t capacity = 1; capacity <= sizeof whole + 3; capacity++) {
    char got[64];
    memset(got, '#', sizeof got);
    struct text out = {got, capacity, 0};
    brimi_print_string(&out, "text ");
    brimi_print_decimal(&out, 1234567890);
    brimi_print_string(&out, " ");
    brimi_print_hex(&out, 0xabcdef);
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
  ok(!wrong_cuts(), "what does not fit is dropped");
  brimi_print_string(&out, "a\nbc");
  brimi_print_column(&out, 5);
  brimi_print_span(&out, "defg", 2);
  brimi_print_column(&out, 3);
  ok(!strcmp(buffer, "a\nbc   de"), "columns count from the last newline; one that is passed adds nothing: %s",
     buffer);
  out.length = 0;
  brimi_print_decimal(&out, 0);
  ok(!strcmp(buffer, "0"), "zero has a digit");
  return done_testing();
}
