/* 4-large.c: an allocator for large blocks on mmap
 *
 * docs/learn/4-a-large-allocator.md; the allocator is 4-large.h */
#define _GNU_SOURCE
#include "lab.h"
#include "4-large.h"

#include <errno.h>

enum { BLOCKS = 4 };
static const size_t sizes[BLOCKS] = {200000, 1 << 20, 5000, 3 << 20};

/* Every byte is written, then every byte is read: the proof that all of a block is ours. */
static bool all_accessible(unsigned char *block, size_t size)
{
  for (size_t i = 0; i < size; i++)
    block[i] = (unsigned char)(i % 251);
  for (size_t i = 0; i < size; i++)
    if (block[i] != i % 251)
      return false;
  return true;
}

static bool still_there(const unsigned char *block, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (block[i] != i % 251)
      return false;
  return true;
}

static void resize(unsigned char *block)
{
  printf("Resizing %zu bytes to 64 MiB and back\n", large_of(block)->asked);
  size_t old = large_of(block)->asked;
  long before = page_faults();
  unsigned char *grown = large_resize(block, 64 << 20);
  if (!expect(grown != NULL, "mremap grows it"))
    return;
  printf("  it was at %p and is at %p; %ld page faults\n", (void *)block, (void *)grown, page_faults() - before);
  expect(still_there(grown, old), "its bytes are all there");
  expect(page_faults() - before < (long)(old / page_size()), "and were not copied: fewer faults than it has pages");
  unsigned char *shrunk = large_resize(grown, old);
  expect(shrunk && still_there(shrunk, old), "and back");
  expect(large_free(shrunk ? shrunk : grown) == 0, "unmapped");
}

int main(void)
{
  lab_begin();
  picture("before");
  size_t mapped = memory_now().mapped;
  unsigned char *blocks[BLOCKS];
  printf("Blocks\n");
  for (int i = 0; i < BLOCKS; i++) {
    blocks[i] = large_alloc(sizes[i]);
    if (!blocks[i])
      give_up("large_alloc");
    printf("  %8zu bytes at %p, %zu mapped\n", sizes[i], (void *)blocks[i], large_of(blocks[i])->mapped);
    expect(all_accessible(blocks[i], sizes[i]), "every byte could be written and read back");
  }
  picture("after");

  printf("Too much\n");
  errno = 0;
  expect(!large_alloc(SIZE_MAX / 2 - 65536) && errno == ENOMEM, "more than there are addresses: NULL and ENOMEM");
  expect(!large_alloc(SIZE_MAX) && errno == EINVAL, "so much that the length would wrap around: NULL as well");

  resize(blocks[1]);
  printf("Giving back\n");
  for (int i = 0; i < BLOCKS; i++)
    if (i != 1)
      expect(large_free(blocks[i]) == 0 && !strcmp(region_of(blocks[i]), "nowhere"), "unmapped");
  printf("  address space in use at first %zu KiB, now %zu KiB\n", mapped / 1024, memory_now().mapped / 1024);
  return lab_end();
}
