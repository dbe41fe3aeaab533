/* turns.c: a program that uses a block of each of many sizes by turns does so in the pages of a few of them. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"

enum { LEAST = 4097, MOST = 131000, STEP = 1000 };

/* Writes a block of each size whole; `held` at a time are live. */
static int use_by_turns(void *argument)
{
  enum { HELD_MAX = 4 };
  unsigned held = *(const unsigned *)argument, turn = 0;
  char *blocks[HELD_MAX] = {NULL};
  size_t base = rss_bytes(), rounds = 8;
  for (size_t i = 0; i < rounds; i++)
    for (size_t size = LEAST; size <= MOST; size += STEP, turn = (turn + 1) % held) {
      free(blocks[turn]);
      blocks[turn] = malloc(size);
      memset(blocks[turn], 1, size);
    }
  size_t resident = rss_bytes() - base, allowed = (size_t)2 * held * MOST + (512 << 10);
  diag("%u blocks of at most %d KiB; resident %zu KiB, allowed %zu", held, MOST >> 10, resident >> 10, allowed >> 10);
  return resident > allowed;
}

int main(void)
{
  static const unsigned held[] = {1, 4};
  for (size_t i = 0; i < sizeof held / sizeof *held; i++) {
    struct ending end = ended_as(use_by_turns, (void *)(uintptr_t)&held[i], 60);
    ok(!end.signal && !end.code, "the pages of a freed block serve other sizes: %u live", held[i]);
  }
  return done_testing();
}
