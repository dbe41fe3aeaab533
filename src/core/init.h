/* init.h: what happens before the first block, and at the start and the end of the program. */
#ifndef BRIM_INIT_H
#define BRIM_INIT_H

#include "base/compiler.h"
#include <stdbool.h>

/* Makes the allocator ready, once; any thread, any time, also before libc is ready. Calls nothing that may allocate. */
COLD void brimi_init(void);

#endif
