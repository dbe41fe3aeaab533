/* pattern.h: blocks that carry a pattern, so that whoever holds one can tell whether another wrote into it. */
#ifndef BRIM_TESTS_PATTERN_H
#define BRIM_TESTS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Byte `at` of a block with key `key`; words of eight bytes, so that filling is fast. */
static inline uint64_t pattern_word(uint64_t key, size_t at) { return (key + at / 8) * 0x9e3779b97f4a7c15; }

static inline void pattern_fill(void *block, uint64_t key, size_t from, size_t to)
{
  unsigned char *bytes = block;
  while (from < to) {
    uint64_t word = pattern_word(key, from);
    size_t skip = from % 8, n = 8 - skip < to - from ? 8 - skip : to - from;
    memcpy(bytes + from, (unsigned char *)&word + skip, n);
    from += n;
  }
}

/* Whether the first `size` bytes still carry the pattern. */
static inline bool pattern_holds(const void *block, uint64_t key, size_t size)
{
  const unsigned char *bytes = block;
  for (size_t at = 0; at < size; at += 8) {
    uint64_t word = pattern_word(key, at);
    if (memcmp(bytes + at, &word, size - at < 8 ? size - at : 8) != 0)
      return false;
  }
  return true;
}

#endif
