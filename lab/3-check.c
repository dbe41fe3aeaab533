/* 3-check.c: the bump allocator's own test: 2,000 random blocks
 *
 * docs/learn/3-a-bump-allocator.md */
#define _DEFAULT_SOURCE
#include "lab.h"
#include "3-bump.h"

enum { BLOCKS = 2000, LIMIT = 1 << 20 };
static char *blocks[BLOCKS];
static size_t sizes[BLOCKS];

/* The same numbers in every run, so that a failure can be seen again. */
static unsigned next_random(void)
{
  static uint32_t state = 12345;
  state = state * 1664525 + 1013904223;
  return state >> 16;
}

/* Fills every block with its own byte. A block that overlapped another would not keep it. */
static int fill(struct bump *bump)
{
  int count = 0;
  while (count < BLOCKS) {
    size_t size = next_random() % 600;
    char *block = bump_alloc(bump, size);
    if (!block)
      break;
    memset(block, count & 255, size);
    blocks[count] = block;
    sizes[count++] = size;
  }
  return count;
}

static bool all_intact(int count)
{
  for (int i = 0; i < count; i++)
    for (size_t k = 0; k < sizes[i]; k++)
      if (blocks[i][k] != (char)(i & 255))
        return false;
  return true;
}

static bool all_aligned(int count)
{
  for (int i = 0; i < count; i++)
    if ((uintptr_t)blocks[i] % BUMP_ALIGN != 0)
      return false;
  return true;
}

int main(void)
{
  lab_begin();
  if (!break_moves())
    return EXIT_SUCCESS;
  struct bump bump, tiny, none;
  char *first_break = sbrk(0);
  if (!bump_init(&bump, LIMIT) || !bump_init(&none, 0))
    give_up("bump_init");
  picture("before");
  int count = fill(&bump);
  expect(count == BLOCKS, "2000 blocks of up to 599 bytes fit into 1 MiB");
  expect(all_aligned(count), "each is aligned to 16");
  expect(all_intact(count), "each keeps what was written into it");
  picture("after");
  expect(bump_used(&bump) + bump_free(&bump) == (size_t)(bump.end - bump.start), "used + free = taken");
  expect((bump.end - bump.start) % BUMP_CHUNK == 0, "what is taken are whole chunks");
  bump_reset(&bump);
  expect(bump_used(&bump) == 0 && fill(&bump) == BLOCKS, "after a reset they fit again");
  expect(!bump_alloc(&bump, SIZE_MAX) && !bump_alloc(&bump, SIZE_MAX - 15), "sizes that wrap around are refused");
  expect(bump_destroy(&bump) && sbrk(0) == first_break, "destroyed, the break is back");

  if (!bump_init(&tiny, BUMP_CHUNK))
    give_up("bump_init");
  expect(bump_alloc(&tiny, BUMP_CHUNK - BUMP_ALIGN), "a chunk holds a chunk, less the alignment");
  expect(!bump_alloc(&tiny, 2 * BUMP_ALIGN), "and is full then");
  sbrk_or_exit(64); /* somebody else, in between */
  tiny.limit *= 4;
  expect(!bump_alloc(&tiny, 100), "it refuses to grow over what another caller took");
  expect(!bump_destroy(&tiny), "and does not lower the break under it");
  expect(!bump_alloc(&none, 1), "a limit of 0 holds nothing");
  return lab_end();
}
