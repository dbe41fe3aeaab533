/* filled.h: whether a program writes all of the large blocks that it asks for. Huge pages save most of their faults,
 * and cost as much memory as is left unwritten: a mapping has them if a look at freed blocks lets us guess that it
 * will be filled. Any thread. */
#ifndef BRIM_FILLED_H
#define BRIM_FILLED_H

#include "os/os.h"

/* Mappings from here up may have huge pages. */
enum { FILLED_HUGE_MIN = 2 * HUGE_BYTES };

/* Whether a block of `bytes` will most likely be written, all of it. */
bool brimi_filled_expect(size_t bytes);
/* Learns from a freed block of `bytes`, of which `usable` were the program's. */
void brimi_filled_learn(const void *block, size_t bytes, size_t usable);
/* Whether a look at a few pages finds every one written, or none. */
bool brimi_filled_all(const void *block, size_t bytes);
bool brimi_filled_none(const void *block, size_t bytes);

/* Asks for huge pages for what lies behind the first `fresh` bytes of a mapping, which nobody has touched yet, if all
 * of it will be filled and huge pages are due (huge.h). */
void brimi_filled_map(void *start, size_t bytes, size_t fresh, bool is_filled);
/* Gives the pages of a mapping back; they come again as small ones. False if the system refuses. */
bool brimi_filled_reset(void *start, size_t bytes);

#endif
