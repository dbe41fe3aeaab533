/* bits.h: sizes, alignment and counting bits. Pure. */
#ifndef BRIM_BITS_H
#define BRIM_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KIB(n)          ((size_t)(n) << 10)
#define MIB(n)          ((size_t)(n) << 20)
#define GIB(n)          ((size_t)(n) << 30)
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static inline bool is_power_of_two(size_t n) { return n && !(n & (n - 1)); }
/* `alignment` is a power of two; the caller has made sure that the sum does not overflow. */
static inline size_t align_up(size_t n, size_t alignment) { return (n + alignment - 1) & ~(alignment - 1); }
static inline size_t align_down(size_t n, size_t alignment) { return n & ~(alignment - 1); }
static inline bool is_aligned(uintptr_t n, size_t alignment) { return !(n & (alignment - 1)); }
static inline size_t min_size(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t max_size(size_t a, size_t b) { return a > b ? a : b; }
/* Undefined for 0. */
static inline unsigned lowest_bit(uint64_t n) { return (unsigned)__builtin_ctzll(n); }
/* By xor, from which the compiler makes the one instruction that x86 has. */
static inline unsigned highest_bit(uint64_t n) { return 63u ^ (unsigned)__builtin_clzll(n); }
/* One by one: there are few to count, and the compiler's builtin would call a function of libgcc's, with a table. */
static inline size_t set_bits(uint64_t n)
{
  size_t count = 0;
  for (; n; n &= n - 1)
    count++;
  return count;
}
static inline bool mul_overflows(size_t a, size_t b, size_t *product)
{
  return __builtin_mul_overflow(a, b, product);
}

#endif
