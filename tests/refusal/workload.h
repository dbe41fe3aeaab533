/* workload.h: a workload that checks itself and copes with every refusal: what the refusal tests run. */
#ifndef BRIM_TESTS_WORKLOAD_H
#define BRIM_TESTS_WORKLOAD_H

#include "rng.h"
#include "model/pattern.h"
#include <errno.h>
#include <malloc.h>

/* What went wrong, as exit codes from 100 up, which nothing else in these tests returns. */
enum { WORK_DAMAGED = 101, WORK_ERRNO, WORK_STUCK, WORK_NO_REFUSAL };

enum { WORK_BLOCKS = 4000 };

struct work_block {
  unsigned char *block;
  size_t size;
};

static struct work_block work_blocks[WORK_BLOCKS];
static size_t work_refusals;

static void work_drop(struct work_block *b)
{
  if (b->block && !pattern_holds(b->block, b->size, b->size))
    _exit(WORK_DAMAGED);
  free(b->block);
  b->block = NULL;
}

/* A refusal must set ENOMEM, and must leave the block as it was. */
static void work_get(struct work_block *b, size_t size)
{
  errno = 0;
  unsigned char *block = realloc(b->block, size);
  if (!block) {
    work_refusals++;
    if (errno != ENOMEM)
      _exit(WORK_ERRNO);
    return;
  }
  size_t kept = b->block ? (b->size < size ? b->size : size) : 0;
  if (kept && !pattern_holds(block, b->size, kept))
    _exit(WORK_DAMAGED);
  b->block = block;
  b->size = size;
  pattern_fill(block, size, 0, size);
}

/* Random sizes up to `max`, growing, shrinking and freeing, within `budget` live bytes. */
__attribute__((unused)) static void work(uint64_t seed, size_t operations, size_t max, size_t budget)
{
  struct rng rng = {seed};
  size_t live = 0;
  for (size_t i = 0; i < operations; i++) {
    struct work_block *b = &work_blocks[rng_below(&rng, WORK_BLOCKS)];
    size_t size = 1 + rng_size(&rng, rng_below(&rng, 100) ? max / 16 : max);
    live -= b->block ? b->size : 0;
    if (live + size > budget || (b->block && rng_below(&rng, 2)))
      work_drop(b);
    else
      work_get(b, size);
    live += b->block ? b->size : 0;
  }
  for (int i = 0; i < WORK_BLOCKS; i++)
    work_drop(&work_blocks[i]);
}

/* Takes blocks of `size` until one is refused, frees half of them, and must then get some again. Returns false if
 * `limit` bytes were never refused. */
__attribute__((unused)) static bool work_until_refused(size_t size, size_t limit)
{
  struct node {
    struct node *next;
    size_t size;
  } *list = NULL, *fresh;
  size_t count = 0, freed = 0, again = 0;
  errno = 0;
  for (; count * size < limit && (fresh = malloc(size)); count++) {
    *fresh = (struct node){list, size};
    ((unsigned char *)fresh)[size - 1] = 1;
    list = fresh;
  }
  bool refused = count * size < limit;
  if (refused && errno != ENOMEM)
    _exit(WORK_ERRNO);
  for (struct node **at = &list; *at && freed < count / 2; freed++) {
    struct node *gone = *at;
    *at = gone->next;
    free(gone);
  }
  for (; again < freed / 2 && (fresh = malloc(size)); again++) {
    *fresh = (struct node){list, size};
    list = fresh;
  }
  if (again < freed / 2)
    _exit(WORK_STUCK);
  for (; list; count++) {
    struct node *gone = list;
    if (gone->size != size)
      _exit(WORK_DAMAGED);
    list = gone->next;
    free(gone);
  }
  return refused;
}

#endif
