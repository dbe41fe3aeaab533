/* misuse.h: what the program did wrong with a block, said in one line. Any thread; allocates nothing. */
#ifndef BRIM_MISUSE_H
#define BRIM_MISUSE_H

#include "base/compiler.h"

/* Says what `address`, which is no live block, is, and what `call` ("free()") was told to do with it; then aborts, or
 * returns if BRIM_ON_MISUSE=warn. */
COLD void brimi_misuse(const char *call, const void *address);
/* The block is free twice over: only a race between two frees of it can bring that about. */
COLD void brimi_misuse_corrupt(const void *address);

#endif
