/* 7-2-size-classes.c: size classes: nothing is searched
 *
 * docs/learn/7-from-bump-to-malloc.md */
#define _DEFAULT_SOURCE
#include "7-measure.h"

enum { CHUNK = 64 << 10, CLASSES = 64 + 1 };

/* In front of every block: which list it goes back to. */
struct block {
  size_t class;
  struct block *next; /* while it is free */
};
static struct block *free_lists[CLASSES];
static char *mark, *end;

/* Class c holds blocks of 16 * c bytes. Real allocators space large classes further apart: Brim has 8 to a doubling. */
static size_t class_of(size_t size) { return (size + 15) / 16; }

/* A block that never was: cut from the chunk, as the bump allocator does. What is left of a chunk is given up. */
static struct block *carve(size_t class)
{
  size_t bytes = class * 16 + sizeof(struct block);
  if ((size_t)(end - mark) < bytes) {
    mark = more(CHUNK);
    if (!mark) {
      end = NULL;
      return NULL;
    }
    end = mark + CHUNK;
  }
  struct block *block = (struct block *)mark;
  mark += bytes;
  block->class = class;
  return block;
}

static void *grab(size_t size)
{
  size_t class = class_of(size);
  struct block *block = free_lists[class];
  if (block)
    free_lists[class] = block->next;
  else
    block = carve(class);
  return block ? block + 1 : NULL;
}

/* A block stays of its class for ever: memory that was once cut small serves small requests only. */
static void give(void *memory)
{
  struct block *block = (struct block *)memory - 1;
  block->next = free_lists[block->class];
  free_lists[block->class] = block;
}

int main(void) { return measure("2 size classes"); }
