/* realloc.c: bytes survive every way that a block can be resized; a block stays where it is up to its usable size. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include <errno.h>

static unsigned char pattern(size_t at) { return (unsigned char)(at * 31 + (at >> 8) * 7 + 3); }

static void fill(unsigned char *block, size_t from, size_t to)
{
  for (size_t i = from; i < to; i++)
    block[i] = pattern(i);
}

static bool holds(const unsigned char *block, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (block[i] != pattern(i))
      return false;
  return true;
}

/* The sizes at which the way of resizing can change: classes, slabs, the 128 KiB border, mappings. */
static const size_t sizes[] = {1,
                               15,
                               16,
                               17,
                               100,
                               1000,
                               4096,
                               4097,
                               16384,
                               40000,
                               THRESHOLD - 4096,
                               THRESHOLD - 1,
                               THRESHOLD,
                               THRESHOLD + 1,
                               200000,
                               1 << 20,
                               (1 << 20) + 1,
                               5 << 20,
                               33 << 20};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void from_each_to_each(void)
{
  for (int from = 0; from < SIZES; from++) {
    bool intact = true, enough = true;
    for (int to = 0; to < SIZES; to++) {
      unsigned char *block = malloc(sizes[from]);
      fill(block, 0, sizes[from]);
      block = realloc(block, sizes[to]);
      size_t common = sizes[from] < sizes[to] ? sizes[from] : sizes[to];
      intact &= holds(block, common);
      enough &= malloc_usable_size(block) >= sizes[to];
      fill(block, 0, sizes[to]);
      intact &= holds(block, sizes[to]);
      free(block);
    }
    ok(intact && enough, "from %zu to each of %d sizes keeps the bytes", sizes[from], SIZES);
  }
}

/* Neighbours on both sides, so that growing in place can't take what is not its own. */
static void across_the_border_between_neighbours(void)
{
  unsigned char *left = malloc(THRESHOLD), *block = malloc(THRESHOLD - 64), *right = malloc(THRESHOLD);
  fill(left, 0, THRESHOLD);
  fill(right, 0, THRESHOLD);
  fill(block, 0, THRESHOLD - 64);
  bool intact = true;
  for (int round = 0; round < 50; round++) {
    block = realloc(block, THRESHOLD + 4096 * (size_t)(round % 5) + 1);
    intact &= holds(block, THRESHOLD - 64);
    block = realloc(block, THRESHOLD - 64);
    intact &= holds(block, THRESHOLD - 64);
  }
  ok(intact && holds(left, THRESHOLD) && holds(right, THRESHOLD), "50 times across 128 KiB and back");
  free(left), free(block), free(right);
}

static void in_place_up_to_the_usable_size(void)
{
  bool stayed = true, same_size = true;
  for (size_t n = 1; n < 3 << 20; n += n / 7 + 1) {
    void *block = malloc(n);
    size_t usable = malloc_usable_size(block);
    void *grown = realloc(block, usable);
    stayed &= grown == block;
    same_size &= malloc_usable_size(grown) == usable;
    free(grown);
  }
  ok(stayed, "growing to malloc_usable_size does not move, from 1 byte to 3 MiB");
  ok(same_size, "and does not change malloc_usable_size");
}

/* Wide alignments get large blocks also for sizes that a slab would serve. */
static void aligned_in_place(void)
{
  bool stayed = true;
  for (size_t alignment = 64; alignment <= 1 << 20; alignment *= 4)
    for (size_t n = 1; n < 300000; n += n / 7 + 1) {
      void *block = aligned_alloc(alignment, n);
      void *grown = realloc(block, malloc_usable_size(block));
      stayed &= grown == block;
      free(grown);
    }
  ok(stayed, "nor does growing an aligned block to it, by 64 to 1 MiB");
}

static void step_by_step(size_t step, size_t limit)
{
  unsigned char *block = NULL;
  size_t size = 0;
  bool intact = true;
  for (; size < limit; size += step) {
    block = realloc(block, size + step);
    fill(block, size, size + step);
    intact &= size == 0 || (block[0] == pattern(0) && block[size - 1] == pattern(size - 1));
  }
  intact &= holds(block, size);
  ok(intact, "growing by %zu bytes to %zu", step, limit);
  for (; size > step; size -= step)
    block = realloc(block, size - step);
  ok(holds(block, size), "and shrinking back");
  free(block);
}

/* Room for three eighths more each time: log(4096 / 16) / log(1.375) = 18 copies, and some for rounding. */
static void small_steps_copy_seldom(void)
{
  char *block = malloc(16);
  unsigned moves = 0;
  for (size_t size = 32; size <= 4096; size += 16) {
    char *grown = realloc(block, size);
    moves += grown != block;
    block = grown;
  }
  ok(moves <= 24, "256 steps of 16 bytes copy at most 24 times (%u)", moves);
  block = realloc(block, 9000);
  ok(malloc_usable_size(block) < 9000 + 9000 / 8 + 16, "a large step gets no more than its size class");
  free(block);
}

static void zero_frees(void)
{
  enum { ROUNDS = 5000 };
  static const size_t each[] = {1, 100, 20000, THRESHOLD, 1 << 20};
  for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
    bool null = true;
    for (int round = 0; round < ROUNDS; round++) {
      errno = 4242;
      null &= realloc(malloc(each[i]), hide_size(0)) == NULL && errno == 4242;
    }
    ok(null, "realloc(p, 0) of %zu bytes is NULL and leaves errno alone", each[i]);
    void *block = malloc(each[i]);
    ok(brim_owns(block), "a block of %zu bytes is live", each[i]);
    void *was = hide(block);
    ok(!realloc(block, hide_size(0)) && !brim_owns(was), "and freed by realloc(p, 0)");
  }
  void *block = realloc(NULL, hide_size(0));
  ok(block != NULL, "realloc(NULL, 0) is a block, as malloc(0)");
  free(block);
}

static void array_and_f(void)
{
  unsigned char *block = reallocarray(NULL, 10, 10);
  fill(block, 0, 100);
  block = reallocarray(block, 1000, 300);
  ok(holds(block, 100), "reallocarray keeps the bytes");
  block = reallocf(block, 50);
  ok(holds(block, 50), "reallocf keeps the bytes");
  void *was = hide(block);
  ok(!reallocf(block, hide_size(SIZE_MAX)) && errno == ENOMEM && !brim_owns(was), "reallocf frees when it fails");
}

int main(void)
{
  from_each_to_each();
  across_the_border_between_neighbours();
  in_place_up_to_the_usable_size();
  aligned_in_place();
  step_by_step(8, 300000);
  step_by_step(4096, 1 << 20);
  step_by_step(1 << 20, 40 << 20);
  small_steps_copy_seldom();
  zero_frees();
  array_and_f();
  return done_testing();
}
