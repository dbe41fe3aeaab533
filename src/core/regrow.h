/* regrow.h: whether the blocks that a thread shrinks grow again. realloc moves a block that shrinks to half of its
 * room or less, since most never need that room again; blocks that do would be copied twice. Samples tell: a few
 * shrunk blocks are watched, and while most of them come back to more than half of what they had, others keep their
 * room. One in 256 shrinks all the same, to be watched. The thread's own; the empty heap watches nothing. */
#ifndef BRIM_REGROW_H
#define BRIM_REGROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WATCHED = 8, REGROW_MIN = 1024 /* smaller blocks are soon copied */ };

struct regrow {
  struct watched {
    const void *block; /* NULL: none. Only compared: another block may lie there by now. */
    size_t had;
    uint32_t since; /* when it shrank */
  } watched[WATCHED];
  uint32_t shrinks; /* so far: what serves as the time here */
  uint8_t score;
};

/* The functions below, for blocks from REGROW_MIN up. */
bool brimi_regrow_keeps_wide(const void *block, size_t had, size_t size);
void brimi_regrow_note_shrunk(const void *block, size_t had);

/* Whether a block with room for `had` bytes keeps it when it is to hold `size`: if it shrinks and will likely grow again. */
static inline bool brimi_regrow_keeps(const void *block, size_t had, size_t size)
{
  return had >= REGROW_MIN && brimi_regrow_keeps_wide(block, had, size);
}

/* Notes that a block has been resized; it is `block` now. */
static inline void brimi_regrow_note(const void *block, size_t had, size_t size)
{
  if (size < had && had >= REGROW_MIN)
    brimi_regrow_note_shrunk(block, had);
}

#endif
