#include "core/regrow.h"
#include "core/heap.h"

enum {
  SCORE_KEEPS = 4,
  SCORE_MAX = 8,
  SAMPLED = 256,   /* one shrink in so many happens in any case */
  LIFE = 1024,     /* shrinks until a watched block counts as one that does not grow */
  KEEPS_SHARE = 16 /* a block keeps its room if it uses at least one part in so many */
};

/* Ends the watch of a block that has grown. If it has come to more than half of what it had, that counts; else it
 * says nothing. */
static void grows(struct regrow *regrow, const void *block, size_t size)
{
  for (unsigned i = 0; i < WATCHED; i++)
    if (regrow->watched[i].block == block) {
      regrow->score += size > regrow->watched[i].had / 2 && regrow->score < SCORE_MAX;
      regrow->watched[i].block = NULL;
    }
}

bool brimi_regrow_keeps_wide(const void *block, size_t had, size_t size)
{
  struct heap *heap = brimi_heap_mine();
  struct regrow *regrow = &heap->regrow;
  if (heap == &brimi_front.empty)
    return false;
  if (size > had) {
    grows(regrow, block, size);
    return false;
  }
  regrow->shrinks++;
  return regrow->score >= SCORE_KEEPS && size >= had / KEEPS_SHARE && regrow->shrinks % SAMPLED;
}

void brimi_regrow_note_shrunk(const void *block, size_t had)
{
  struct heap *heap = brimi_heap_mine();
  struct regrow *regrow = &heap->regrow;
  if (heap == &brimi_front.empty)
    return;
  for (unsigned i = 0; i < WATCHED; i++) {
    struct watched *watched = &regrow->watched[i];
    if (watched->block && regrow->shrinks - watched->since < LIFE)
      continue;
    regrow->score -= watched->block && regrow->score;
    *watched = (struct watched){block, had, regrow->shrinks};
    return;
  }
}
