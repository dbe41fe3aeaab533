/* misuse.h: what the program did wrong with a block, said in one line. Any thread; allocates nothing. */
#ifndef BRIM_MISUSE_H
#define BRIM_MISUSE_H

#include "base/compiler.h"

/* Prints what `address`, which is no live block, is, and which call ("free()") was given it; then aborts, or returns
 * if BRIM_ON_MISUSE=warn. */
COLD void brimi_misuse(const char *call, const void *address);
/* Reports a block that was freed twice; only a race of two frees comes this far. */
COLD void brimi_misuse_corrupt(const void *address);

#endif
