/* regrow.c: blocks keep their room when realloc shrinks them only while shrunk blocks are seen to grow again. */
#define _GNU_SOURCE
#include "tap.h"
#include "core/regrow.h"
#include <brim/brim.h>

enum { ROUNDS = 3000, LARGE_BYTES = 1 << 20 };

/* How many of `shrinks` from `had` to `size` bytes leave the block as it is. The others grow to `back`, if that is not 0. */
static unsigned kept_of(unsigned shrinks, size_t had, size_t size, size_t back)
{
  static char blocks[ROUNDS];
  unsigned kept = 0;
  for (unsigned i = 0; i < shrinks; i++) {
    if (brimi_regrow_keeps(&blocks[i], had, size)) {
      kept++;
      continue;
    }
    brimi_regrow_note(&blocks[i], had, size);
    if (back)
      brimi_regrow_keeps(&blocks[i], size, back);
  }
  return kept;
}

static void decisions(void)
{
  brim_free(brim_malloc(1)); /* this thread has a heap */
  ok(!kept_of(ROUNDS, 65536, 10000, 0), "where nothing grows again, no block keeps its room");
  ok(!kept_of(ROUNDS, 65536, 10000, 20000), "nor where blocks grow to less than half of what they had");
  ok(kept_of(ROUNDS, 65536, 10000, 40000) > ROUNDS / 10 * 9, "where they grow again, nearly all keep it");
  ok(kept_of(ROUNDS, 65536, 10000, 40000) < ROUNDS, "some shrink all the same, to be watched");
  ok(!kept_of(10, 65536, 1000, 0), "one that shrinks to a few hundredths does not keep it");
  ok(!kept_of(10, 512, 100, 0), "a small one does not");
  kept_of(ROUNDS, 65536, 10000, 0);
  ok(!kept_of(ROUNDS, 65536, 10000, 0), "where they no longer grow, no block keeps it any more");
}

/* A buffer has two sizes by turns: how many of its shrinks left the block as it was. */
static unsigned stays(size_t most, size_t least, unsigned rounds)
{
  unsigned same = 0;
  void *block = brim_malloc(most);
  for (unsigned i = 0; i < rounds; i++) {
    block = brim_realloc(block, least);
    same += brim_malloc_usable_size(block) >= most;
    block = brim_realloc(block, most);
  }
  brim_free(block);
  return same;
}

/* Blocks are cut to what is needed of them: how many kept their room. */
static unsigned cut(size_t most, size_t least, unsigned rounds)
{
  unsigned kept = 0;
  for (unsigned i = 0; i < rounds; i++) {
    void *block = brim_realloc(brim_malloc(most), least);
    kept += brim_malloc_usable_size(block) >= most;
    brim_free(block);
  }
  return kept;
}

int main(void)
{
  decisions();
  ok(!cut(60000, 9000, 100), "blocks that are only cut: none keeps its room");
  ok(!cut(LARGE_BYTES, LARGE_BYTES / 4, 100), "large ones neither");
  ok(stays(60000, 9000, ROUNDS) > ROUNDS / 2, "by turns large and small, most do, once that is seen");
  ok(stays(LARGE_BYTES, LARGE_BYTES / 4, 100) > 90, "mappings too");
  cut(60000, 9000, ROUNDS);
  ok(!cut(60000, 9000, 100), "and no longer, once they are only cut");
  return done_testing();
}
