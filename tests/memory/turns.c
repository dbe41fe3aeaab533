/* turns.c: a program that uses one block at a time of many sizes, by turns, does so in the pages of a few blocks. One that uses
 * many blocks of one size leaves little over between them. */
#define _GNU_SOURCE
#include "tap.h"
#include "api/names.h"
#include "proc.h"

enum { LEAST = 4097, MOST = 131000, STEP = 1000 };

/* Writes the whole of a block of each size; `held` blocks are live at a time. */
static int use_by_turns(void *argument)
{
  enum { HELD_MAX = 4 };
  unsigned held = *(const unsigned *)argument, turn = 0;
  char *blocks[HELD_MAX] = {NULL};
  size_t base = anonymous_bytes(), rounds = 8;
  for (size_t i = 0; i < rounds; i++)
    for (size_t size = LEAST; size <= MOST; size += STEP, turn = (turn + 1) % held) {
      free(blocks[turn]);
      blocks[turn] = malloc(size);
      memset(blocks[turn], 1, size);
    }
  size_t resident = anonymous_bytes() - base, allowed = (size_t)2 * held * MOST + (256 << 10);
  diag("%u blocks of at most %d KiB; resident %zu KiB, allowed %zu", held, MOST >> 10, resident >> 10, allowed >> 10);
  return resident > allowed;
}

static int use_many(void *argument)
{
  enum { COUNT = 1000 };
  size_t size = *(const size_t *)argument, base = anonymous_bytes();
  for (int i = 0; i < COUNT; i++)
    memset(hide(malloc(size)), 1, size);
  size_t resident = anonymous_bytes() - base, allowed = brim_good_size(size) * COUNT / 16 * 17 + (384 << 10);
  diag("%d blocks of %zu bytes; resident %zu KiB, allowed %zu", COUNT, size, resident >> 10, allowed >> 10);
  return resident > allowed;
}

int main(void)
{
  static const size_t sizes[] = {4360, 9000};
  static const unsigned held[] = {1, 4};
  for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
    struct ending end = ended_as(use_by_turns, (void *)(uintptr_t)&held[i], 60);
    ok(!end.signal && !end.code, "the pages of a freed block serve other sizes: %u live", held[i]);
  }
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct ending end = ended_as(use_many, (void *)(uintptr_t)&sizes[i], 60);
    ok(!end.signal && !end.code, "many blocks of %zu bytes lie close to each other", sizes[i]);
  }
  return done_testing();
}
