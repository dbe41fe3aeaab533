/* 4-large.h: an allocator for large blocks: each is a mapping of its own.
 *
 * The length has to be known again when the block is given back. It is kept in front of the block, in the same mapping;
 * the page map of a real allocator keeps it elsewhere, out of reach of an overflow. */
#ifndef LARGE_H
#define LARGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* In front of every block; 16 bytes, so that the block is aligned. */
struct large {
  size_t mapped;
  size_t asked;
};
_Static_assert(sizeof(struct large) % 16 == 0 || sizeof(size_t) == 4, "the block behind it is aligned to 16");

static inline struct large *large_of(void *block) { return (struct large *)block - 1; }

/* Whole pages for a block of `size`; 0 if that is more than there can be. */
static inline size_t large_length(size_t size)
{
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  if (size > PTRDIFF_MAX - sizeof(struct large) - page)
    return 0;
  return (size + sizeof(struct large) + page - 1) / page * page;
}

/* Zeroed memory, or NULL with errno as mmap has set it. */
static inline void *large_alloc(size_t size)
{
  size_t length = large_length(size);
  struct large *large = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (large == MAP_FAILED)
    return NULL; /* a length of 0 is refused by mmap itself */
  *large = (struct large){length, size};
  return large + 1;
}

/* The block in its new size, where it was or elsewhere: the kernel moves the pages, not the bytes. NULL if it is
 * refused; the old block is then as it was. */
static inline void *large_resize(void *block, size_t size)
{
  struct large *old = large_of(block);
  size_t length = large_length(size);
  struct large *large = mremap(old, old->mapped, length, MREMAP_MAYMOVE);
  if (large == MAP_FAILED)
    return NULL;
  *large = (struct large){length, size};
  return large + 1;
}

/* Returns 0, or -1 with errno. */
static inline int large_free(void *block)
{
  struct large *large = large_of(block);
  return munmap(large, large->mapped);
}

#endif
