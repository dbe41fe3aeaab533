#include "core/bitmap.h"
#include "base/bits.h"
#include "base/compiler.h"

/* Where the word of a bit lies. */
static inline size_t word_of(size_t at) { return at / 64 * BITMAP_STRIDE; }
static inline bool is_set(const uint64_t *bits, size_t at) { return bits[word_of(at)] >> (at % 64) & 1; }

/* The mask of the bits of [*at, *at + *count) in its first word; moves the range up behind them. *count is not 0. */
static ALWAYS_INLINE uint64_t first_mask(size_t *at, size_t *count)
{
  size_t shift = *at % 64, bits = min_size(64 - shift, *count);
  *at += bits;
  *count -= bits;
  return ~UINT64_C(0) >> (64 - bits) << shift;
}

void brimi_bitmap_set(uint64_t *bits, size_t at, size_t count)
{
  while (count) {
    uint64_t *word = &bits[word_of(at)];
    *word |= first_mask(&at, &count);
  }
}

void brimi_bitmap_clear(uint64_t *bits, size_t at, size_t count)
{
  while (count) {
    uint64_t *word = &bits[word_of(at)], mask = first_mask(&at, &count);
    /* Pages of bitmaps that were never written stay untouched. */
    if (*word)
      *word &= ~mask;
  }
}

size_t brimi_bitmap_count(const uint64_t *bits, size_t at, size_t count)
{
  size_t total = 0;
  while (count) {
    uint64_t word = bits[word_of(at)];
    total += set_bits(word & first_mask(&at, &count));
  }
  return total;
}

size_t brimi_bitmap_next_run(const uint64_t *bits, size_t size, size_t from, size_t most, size_t *at)
{
  while (from < size && !is_set(bits, from)) {
    uint64_t rest = bits[word_of(from)] >> (from % 64);
    from = rest ? from + lowest_bit(rest) : align_down(from, 64) + 64;
  }
  *at = min_size(from, size);
  size_t end = *at, limit = most < size - *at ? *at + most : size;
  while (end < limit && is_set(bits, end)) {
    uint64_t holes = ~bits[word_of(end)] >> (end % 64);
    end = holes ? end + lowest_bit(holes) : align_down(end, 64) + 64;
  }
  return min_size(end, limit) - *at;
}

/* A bit for each place in `low` where `count` <= 64 set bits in a row start; `high` is the word behind it. */
static uint64_t starts_of(uint64_t low, uint64_t high, size_t count)
{
  unsigned __int128 runs = (unsigned __int128)high << 64 | low;
  for (size_t length = 1, step; length < count; length += step) {
    step = min_size(length, count - length);
    runs &= runs >> step;
  }
  return (uint64_t)runs;
}

size_t brimi_bitmap_find(const uint64_t *bits, size_t *first_word, size_t words, size_t count)
{
  while (*first_word < words && !bits[*first_word * BITMAP_STRIDE])
    ++*first_word;
  if (*first_word == words)
    return BITMAP_NONE;
  if (count <= 64) {
    for (size_t word = *first_word; word < words; word++) {
      const uint64_t *low = bits + word * BITMAP_STRIDE;
      uint64_t starts = *low ? starts_of(*low, word + 1 < words ? low[BITMAP_STRIDE] : 0, count) : 0;
      if (starts)
        return word * 64 + lowest_bit(starts);
    }
    return BITMAP_NONE;
  }
  for (size_t at, from = *first_word * 64; from < words * 64;) {
    size_t length = brimi_bitmap_next_run(bits, words * 64, from, count, &at);
    if (length == count)
      return at;
    from = at + max_size(length, 1);
  }
  return BITMAP_NONE;
}

size_t brimi_bitmap_tail(const uint64_t *bits, size_t size)
{
  size_t from = size;
  while (from > 0 && is_set(bits, from - 1))
    from--;
  return size - from;
}
