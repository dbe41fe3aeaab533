/* 3-bump.h: a bump allocator on sbrk. It hands out memory by moving a mark and takes all of it back at once.
 *
 * It assumes that nobody else moves the break while it grows: step 6 shows what happens then, and bump_grow() checks. */
#ifndef BUMP_H
#define BUMP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

enum { BUMP_CHUNK = 4096, BUMP_ALIGN = 16 };

/*      start            mark                 end        limit
 *        |  handed out   |    free            |  not ours  |
 *        0 --------------+--------------------+------------+
 * INVARIANT: start <= mark <= end <= start + limit; end is the break when we last moved it. */
struct bump {
  char *start, *mark, *end;
  size_t limit; /* bytes that it may take from the system */
};

/* Takes nothing yet. Returns false if even the break can't be read. */
static inline bool bump_init(struct bump *bump, size_t limit)
{
  char *here = sbrk(0);
  if (here == (void *)-1)
    return false;
  *bump = (struct bump){here, here, here, limit};
  return true;
}

static inline size_t bump_used(const struct bump *bump) { return (size_t)(bump->mark - bump->start); }
static inline size_t bump_free(const struct bump *bump) { return (size_t)(bump->end - bump->mark); }

/* Adds whole chunks until `bytes` more fit. False, and nothing changed, if the limit or the system refuses. */
static inline bool bump_grow(struct bump *bump, size_t bytes)
{
  size_t taken = (size_t)(bump->end - bump->start);
  if (bytes > bump->limit - taken)
    return false;
  size_t more = (bytes + BUMP_CHUNK - 1) / BUMP_CHUNK * BUMP_CHUNK;
  if (more > bump->limit - taken)
    return false;
  if (sbrk(0) != bump->end || sbrk((intptr_t)more) == (void *)-1)
    return false; /* somebody else moved the break, or it is refused: either way our memory ends here */
  bump->end += more;
  return true;
}

/* `size` bytes aligned to 16; NULL and ENOMEM when it is full. */
static inline void *bump_alloc(struct bump *bump, size_t size)
{
  size_t gap = -(uintptr_t)bump->mark % BUMP_ALIGN; /* bytes up to the next multiple */
  size_t need = gap + size;
  if (need < size || (need > bump_free(bump) && !bump_grow(bump, need - bump_free(bump)))) {
    errno = ENOMEM;
    return NULL;
  }
  char *block = bump->mark + gap;
  bump->mark = block + size;
  return block;
}

/* Forgets every block. The chunks are kept for the next ones. */
static inline void bump_reset(struct bump *bump) { bump->mark = bump->start; }

/* Lowers the break again, if it still stands where we left it. */
static inline bool bump_destroy(struct bump *bump)
{
  bool ours = sbrk(0) == bump->end && sbrk(-(bump->end - bump->start)) != (void *)-1;
  bump->end = bump->mark = bump->start;
  return ours;
}

#endif
