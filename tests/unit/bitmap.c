/* bitmap.c: every operation against a naive one, on random bitmaps. */
#include "tap.h"
#include "rng.h"
#include "core/bitmap.h"

enum { WORDS = 5, BITS = WORDS * 64 };

static bool is_set(const uint64_t *bits, size_t at) { return bits[at / 64 * BITMAP_STRIDE] >> (at % 64) & 1; }

static size_t run_at(const uint64_t *bits, size_t size, size_t at)
{
  size_t end = at;
  while (end < size && is_set(bits, end))
    end++;
  return end - at;
}

static size_t naive_find(const uint64_t *bits, size_t count)
{
  for (size_t at = 0; at < BITS; at++)
    if (run_at(bits, BITS, at) >= count)
      return at;
  return BITMAP_NONE;
}

int main(void)
{
  struct rng rng = {1};
  size_t wrong_set = 0, wrong_count = 0, wrong_find = 0, wrong_run = 0, wrong_tail = 0;
  for (int round = 0; round < 20000; round++) {
    uint64_t bits[WORDS * BITMAP_STRIDE] = {0}, copy[WORDS * BITMAP_STRIDE];
    for (int k = 0; k < 8; k++) {
      size_t at = rng_below(&rng, BITS), count = rng_below(&rng, BITS - at + 1);
      (rng_below(&rng, 2) ? brimi_bitmap_set : brimi_bitmap_clear)(bits, at, count);
    }
    size_t at = rng_below(&rng, BITS), count = 1 + rng_below(&rng, BITS - at), first = 0, set = 0, start;
    for (size_t i = at; i < at + count; i++)
      set += is_set(bits, i);
    wrong_count += brimi_bitmap_count(bits, at, count) != set;
    memcpy(copy, bits, sizeof bits);
    brimi_bitmap_set(copy, at, count);
    for (size_t i = 0; i < BITS; i++)
      wrong_set += is_set(copy, i) != (is_set(bits, i) || (i >= at && i < at + count));
    size_t wanted = 1 + rng_below(&rng, 100);
    wrong_find += brimi_bitmap_find(bits, &first, WORDS, wanted) != naive_find(bits, wanted);
    for (size_t i = 0; i < first * 64; i++)
      wrong_find += is_set(bits, i);
    size_t length = brimi_bitmap_next_run(bits, BITS - 3, at, wanted, &start), expected = at;
    while (expected < BITS - 3 && !is_set(bits, expected))
      expected++;
    size_t run = run_at(bits, BITS - 3, expected);
    wrong_run += length != (run < wanted ? run : wanted) || (length && start != expected);
    size_t tail = brimi_bitmap_tail(bits, BITS - 7);
    wrong_tail +=
        run_at(bits, BITS - 7, BITS - 7 - tail) != tail || (tail < BITS - 7 && is_set(bits, BITS - 8 - tail));
  }
  ok(!wrong_set, "set and clear");
  ok(!wrong_count, "count");
  ok(!wrong_find, "find: the lowest run that is long enough, and a hint with nothing below");
  ok(!wrong_run, "next_run");
  ok(!wrong_tail, "tail");
  return done_testing();
}
