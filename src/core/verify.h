/* verify.h: checks the invariants of slab.h, heap.h, runs.h and pool.c, except those about who may do what (H1, H3 to
 * H5, I4, R2, R3, P2), which tests and models check. For tests: it holds each heap's lock in turn, and is exact while
 * no other thread gives or takes slabs. Returns NULL if all is well, else the invariant that is broken, beginning
 * with its number. */
#ifndef BRIM_VERIFY_H
#define BRIM_VERIFY_H

const char *brimi_verify(void);
/* The parts of runs.h and pool.c, kept beside the data that they are about. */
const char *brimi_runs_verify(void);
const char *brimi_pool_verify(void);

#endif
