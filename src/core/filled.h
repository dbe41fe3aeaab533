/* filled.h: whether programs write all of the large blocks that they ask for. Huge pages save them most of the faults, and cost
 * as much memory as is left unwritten: mappings have them where a guess, from a look at what was freed, says that they will
 * be filled. Any thread. */
#ifndef BRIM_FILLED_H
#define BRIM_FILLED_H

#include "os/os.h"

/* Mappings from here up may have huge pages. */
enum { FILLED_HUGE_MIN = 2 * HUGE_BYTES };

/* Whether a block of so many bytes will most likely be written, all of it. */
bool brimi_filled_expect(size_t bytes);
/* A block of `bytes`, of which `usable` were the program's, has been freed. */
void brimi_filled_learn(const void *block, size_t bytes, size_t usable);
/* What a look at a few pages says: every one was written; not a single one. */
bool brimi_filled_all(const void *block, size_t bytes);
bool brimi_filled_none(const void *block, size_t bytes);

/* For what lies behind `fresh` bytes of a mapping, and nobody has touched yet: huge pages, if all will be filled and they are to
 * be had. */
void brimi_filled_map(void *start, size_t bytes, size_t fresh, bool is_filled);
/* Gives the pages of a mapping back; they come again singly. False if the system refuses. */
bool brimi_filled_reset(void *start, size_t bytes);

#endif
