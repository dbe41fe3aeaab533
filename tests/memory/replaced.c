/* replaced.c: large blocks that are replaced by others of other sizes need hardly more pages than were ever in use, and neither do
 * those whose size goes up and down. Each page costs one fault here, and nothing goes back meanwhile, to cost a second. */
#define _GNU_SOURCE
#include "tap.h"
#include "proc.h"
#include "rng.h"

static size_t pages(size_t bytes) { return bytes / (size_t)sysconf(_SC_PAGESIZE); }

/* 16 blocks from 128 KiB to 8 MiB. */
static void large_blocks_are_replaced(void)
{
  enum { LIVE = 16, ROUNDS = 1000 };
  static char *block[LIVE];
  size_t size[LIVE] = {0}, live = 0, peak = 0, before = minor_faults();
  struct rng rng = {1};
  for (int i = 0; i < ROUNDS; i++) {
    size_t at = rng_below(&rng, LIVE);
    free(block[at]);
    live -= size[at];
    size[at] = (size_t)128 << (10 + rng_below(&rng, 6));
    size[at] += rng_below(&rng, size[at]);
    memset(block[at] = malloc(size[at]), 1, size[at]);
    live += size[at];
    peak = live > peak ? live : peak;
  }
  size_t used = minor_faults() - before;
  for (int i = 0; i < LIVE; i++)
    free(block[i]);
  ok(used < 2 * pages(peak), "%d large blocks, at most %zu KiB at a time: %zu faults, %zu pages", ROUNDS, peak >> 10,
     used, pages(peak));
}

static bool is_filled(const unsigned char *block, unsigned char with, size_t bytes)
{
  return block[0] == with && memcmp(block, block + 1, bytes - 1) == 0;
}

/* 8 blocks from 128 KiB to 2 MiB. */
static void sizes_go_up_and_down(void)
{
  enum { LIVE = 8, ROUNDS = 1000 };
  static unsigned char *block[LIVE];
  size_t size[LIVE] = {0}, live = 0, peak = 0, before = minor_faults();
  struct rng rng = {1};
  bool intact = true;
  for (int i = 0; i < ROUNDS; i++) {
    size_t at = rng_below(&rng, LIVE), old = size[at];
    size[at] = (size_t)128 << (10 + rng_below(&rng, 4));
    size[at] += rng_below(&rng, size[at]);
    block[at] = realloc(block[at], size[at]);
    intact &= !old || is_filled(block[at], (unsigned char)at, old < size[at] ? old : size[at]);
    memset(block[at], (int)at, size[at]);
    live += size[at] - old;
    peak = live > peak ? live : peak;
  }
  size_t used = minor_faults() - before;
  for (int i = 0; i < LIVE; i++)
    free(block[i]);
  ok(intact, "blocks whose size goes up and down keep their contents");
  ok(used < 2 * pages(peak), "%d changes, at most %zu KiB at a time: %zu faults, %zu pages", ROUNDS, peak >> 10, used,
     pages(peak));
}

int main(void)
{
  start_with("BRIM_PURGE_DELAY", "60000");
  start_with("BRIM_HUGE_PAGES", "0");
  sizes_go_up_and_down();
  large_blocks_are_replaced();
  return done_testing();
}
