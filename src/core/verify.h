/* verify.h: every invariant of slab.h, heap.h and runs.h as code. For tests: it stops each heap in turn by its lock, and
 * is exact while no other thread gives or takes slabs. Returns NULL if all is well, else the invariant that is broken,
 * beginning with its number. */
#ifndef BRIM_VERIFY_H
#define BRIM_VERIFY_H

const char *brimi_verify(void);
/* The part of runs.h, kept beside the bitmaps that it is about. */
const char *brimi_runs_verify(void);

#endif
