/* 8-pinned.c: question: what one small block on top of the break costs
 *
 * docs/learn/8-the-questions.md */
#define _DEFAULT_SOURCE
#include "lab.h"

enum { BLOCKS = 8, BLOCK = 1 << 20 };
static char *blocks[BLOCKS];

static size_t resident_kib(void) { return memory_now().resident / 1024; }

static void by_the_break(size_t page)
{
  printf("By the break: %d blocks of 1 MiB, then a small one, which stays in use\n", BLOCKS);
  for (int i = 0; i < BLOCKS; i++) {
    blocks[i] = sbrk_or_exit(BLOCK);
    touch(blocks[i], BLOCK);
  }
  char *small = sbrk_or_exit((intptr_t)page);
  *small = 's';
  printf("  %zu KiB are resident; now the %d blocks are no longer needed\n", resident_kib(), BLOCKS);
  picture("before");
  sbrk_or_exit(-(intptr_t)page); /* the first step of giving the blocks back */
  show_in_map("the small one", small);
  expect(sbrk(0) == small, "lowered by one page, the break leaves the small block outside, though it is in use");
  expect(resident_kib() > BLOCKS * (BLOCK / 1024), "and none of the others went back: they lie below it");
  sbrk_or_exit(-(intptr_t)BLOCKS * BLOCK);
}

static void by_mappings(size_t page)
{
  printf("By mappings: the same blocks\n");
  for (int i = 0; i < BLOCKS; i++) {
    blocks[i] = mmap_or_exit(BLOCK, PROT_READ | PROT_WRITE);
    touch(blocks[i], BLOCK);
  }
  char *small = mmap_or_exit(page, PROT_READ | PROT_WRITE);
  *small = 's';
  size_t before = resident_kib();
  for (int i = 0; i < BLOCKS; i++)
    munmap_or_exit(blocks[i], BLOCK);
  size_t after = resident_kib();
  printf("  %zu KiB are resident; without the %d blocks, %zu KiB\n", before, BLOCKS, after);
  expect(before - after > BLOCKS * (BLOCK / 1024) / 2, "what is unmapped goes back at once, in any order");
  expect(*small == 's', "the small one is untouched");
  picture("after");
}

int main(void)
{
  lab_begin();
  if (break_moves())
    by_the_break(page_size());
  by_mappings(page_size());
  return lab_end();
}
