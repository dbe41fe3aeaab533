/* rng.h: random numbers that a test can repeat: the seed is printed, and TEST_SEED gives it back. */
#ifndef BRIM_TESTS_RNG_H
#define BRIM_TESTS_RNG_H

#include "tap.h"
#include <sys/random.h>

struct rng {
  uint64_t state;
};

/* splitmix64: any seed is good, even 0, 1, 2 for threads. */
__attribute__((unused)) static uint64_t rng_next(struct rng *rng)
{
  uint64_t z = rng->state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

__attribute__((unused)) static size_t rng_below(struct rng *rng, size_t bound) { return rng_next(rng) % bound; }

/* Sizes of all magnitudes up to `max`, small ones as often as large ones. */
__attribute__((unused)) static size_t rng_size(struct rng *rng, size_t max)
{
  unsigned bits = 64 - (unsigned)__builtin_clzll(max);
  size_t size = rng_next(rng) & (((size_t)2 << rng_below(rng, bits)) - 1);
  return size > max ? max : size;
}

__attribute__((unused)) static uint64_t rng_seed(void)
{
  const char *given = getenv("TEST_SEED");
  uint64_t seed = 1;
  if (given)
    seed = strtoull(given, NULL, 0);
  else if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
    seed = (uint64_t)getpid();
  diag("TEST_SEED=%#llx", (unsigned long long)seed);
  return seed;
}

#endif
