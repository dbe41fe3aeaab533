/* 7-3-slabs.c: slabs: one header for many blocks; an empty one can change
 *
 * docs/learn/7-from-bump-to-malloc.md */
#define _DEFAULT_SOURCE
#include "7-measure.h"

enum { SLAB = 16 << 10, CHUNK = 8 * SLAB, CLASSES = 64 + 1 };

struct link {
  struct link *next;
};
/* At the start of each slab; slabs are aligned to their size, so that a block finds its slab by its address alone. */
struct slab {
  struct slab *next, **list; /* in a list of slabs with room; list is NULL when it is full */
  struct slab *previous;
  struct link *free;  /* blocks that came back */
  char *mark;         /* blocks above it never were handed out */
  size_t bytes, used; /* of one block; blocks in use */
};
static struct slab *with_room[CLASSES], *empty;

static struct slab *slab_of(void *block) { return (struct slab *)((char *)block - (uintptr_t)block % SLAB); }
static bool has_room(const struct slab *slab)
{
  return slab->free || slab->mark + slab->bytes <= (char *)slab + SLAB;
}

static void enter(struct slab *slab, struct slab **list)
{
  slab->list = list;
  slab->previous = NULL;
  slab->next = *list;
  if (slab->next)
    slab->next->previous = slab;
  *list = slab;
}

static void leave(struct slab *slab)
{
  if (slab->previous)
    slab->previous->next = slab->next;
  else
    *slab->list = slab->next;
  if (slab->next)
    slab->next->previous = slab->previous;
  slab->list = NULL;
}

/* Cuts a chunk into empty slabs. */
static bool more_slabs(void)
{
  char *chunk = more(CHUNK);
  if (!chunk)
    return false;
  char *start = chunk + -(uintptr_t)chunk % SLAB;
  for (; start + SLAB <= chunk + CHUNK; start += SLAB)
    enter((struct slab *)start, &empty);
  return true;
}

static struct slab *slab_for(size_t class)
{
  if (with_room[class])
    return with_room[class];
  if (!empty && !more_slabs())
    return NULL;
  struct slab *slab = empty;
  leave(slab);
  slab->free = NULL;
  slab->mark = (char *)slab + (sizeof *slab + 15) / 16 * 16;
  slab->bytes = class * 16;
  slab->used = 0;
  enter(slab, &with_room[class]);
  return slab;
}

static void *grab(size_t size)
{
  struct slab *slab = slab_for((size + 15) / 16);
  if (!slab)
    return NULL;
  struct link *block = slab->free;
  if (block) {
    slab->free = block->next;
  } else {
    block = (struct link *)slab->mark;
    slab->mark += slab->bytes;
  }
  slab->used++;
  if (!has_room(slab))
    leave(slab);
  return block;
}

static void give(void *memory)
{
  struct slab *slab = slab_of(memory);
  struct link *block = memory;
  block->next = slab->free;
  slab->free = block;
  slab->used--;
  if (!slab->list)
    enter(slab, &with_room[slab->bytes / 16]);
  if (slab->used == 0) {
    leave(slab);
    enter(slab, &empty);
  }
}

int main(void) { return measure("3 slabs"); }
