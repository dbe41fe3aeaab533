/* 6-contiguous.c: pitfall: assuming that blocks are contiguous
 *
 * docs/learn/6-pitfalls.md */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <stddef.h>

int main(void)
{
  lab_begin();
  picture("before");
  enum { BLOCK = 40, BLOCKS = 4 };
  uintptr_t blocks[BLOCKS];
  printf("Blocks of malloc(%d), one after the other\n", BLOCK);
  bool contiguous = true;
  for (int i = 0; i < BLOCKS; i++) {
    char *block = malloc_or_exit(BLOCK); /* kept: a freed one would only come again */
    blocks[i] = (uintptr_t)block;
    if (i > 0) {
      printf("  distance to the one before: %td bytes\n", (ptrdiff_t)(blocks[i] - blocks[i - 1]));
      contiguous &= blocks[i] == blocks[i - 1] + BLOCK;
    }
  }
  expect(!contiguous, "none begins where another ends: blocks are rounded up, and may have headers between them");

  printf("Two mappings, one after the other\n");
  size_t bytes = 4 * page_size();
  char *first = mmap_or_exit(bytes, PROT_READ | PROT_WRITE), *second = mmap_or_exit(bytes, PROT_READ | PROT_WRITE);
  printf("  distance: %+td bytes\n", second - first);
  printf("  Linux fills from high to low, so the second usually lies below; nothing promises it\n");

  printf("Right: one block that grows\n");
  char *text = malloc_or_exit(BLOCK);
  strcpy(text, "one piece");
  char *longer = realloc(text, 100 * BLOCK); /* the old pointer is gone, whether it moved or not */
  if (!longer)
    give_up("realloc"); /* text is still there then: whoever goes on can use it, and has to free it */
  memset(longer + 10, '.', 100 * BLOCK - 10);
  expect(strcmp(longer, "one piece") == 0, "realloc keeps the bytes and makes the room, wherever it is");
  picture("after");
  free(longer);
  munmap_or_exit(first, bytes);
  munmap_or_exit(second, bytes);
  return lab_end();
}
