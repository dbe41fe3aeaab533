/* 6-contiguous.c: pitfall: assuming that blocks are contiguous
 *
 * docs/learn/6-pitfalls.md */
#define _DEFAULT_SOURCE
#include "lab.h"

#include <stddef.h>
#include <sys/mman.h>

static void *map(size_t bytes)
{
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    perror("mmap");
    exit(EXIT_FAILURE);
  }
  return memory;
}

int main(void)
{
  lab_begin();
  enum { BLOCK = 40, BLOCKS = 4 };
  uintptr_t blocks[BLOCKS];
  printf("Blocks of malloc(%d), one after the other\n", BLOCK);
  bool contiguous = true;
  for (int i = 0; i < BLOCKS; i++) {
    char *block = malloc(BLOCK); /* kept: a freed one would only come again */
    if (!block)
      return EXIT_FAILURE;
    blocks[i] = (uintptr_t)block;
    if (i > 0) {
      printf("  distance to the one before: %td bytes\n", (ptrdiff_t)(blocks[i] - blocks[i - 1]));
      contiguous &= blocks[i] == blocks[i - 1] + BLOCK;
    }
  }
  expect(!contiguous, "none begins where another ends: blocks are rounded up, and may have headers between them");

  printf("Two mappings, one after the other\n");
  size_t bytes = 4 * page_size();
  char *first = map(bytes), *second = map(bytes);
  printf("  distance: %+td bytes\n", second - first);
  printf("  Linux fills from high to low, so that the second tends to lie below; nothing promises it\n");

  printf("Right: one block that grows\n");
  char *text = malloc(BLOCK);
  if (!text)
    return EXIT_FAILURE;
  strcpy(text, "one piece");
  char *longer = realloc(text, 100 * BLOCK); /* the old pointer is gone, whether it moved or not */
  if (!longer) {
    free(text);
    return EXIT_FAILURE;
  }
  memset(longer + 10, '.', 100 * BLOCK - 10);
  expect(strcmp(longer, "one piece") == 0, "realloc keeps the bytes and makes the room, wherever it is");
  free(longer);
  munmap(first, bytes);
  munmap(second, bytes);
  return lab_end();
}
