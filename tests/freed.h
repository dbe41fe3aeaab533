/* freed.h: memory that is written and then freed, for tests of what goes back to the system. Uses the names of api/names.h, if
 * that is included before. */
#ifndef BRIM_TESTS_FREED_H
#define BRIM_TESTS_FREED_H

#include "proc.h"

enum { FREED_MAX = 10000 };

/* Up to FREED_MAX blocks. */
PROC_UNUSED static void use_and_free(size_t count, size_t bytes)
{
  static char *blocks[FREED_MAX];
  for (size_t i = 0; i < count; i++)
    memset(blocks[i] = malloc(bytes), 1, bytes);
  for (size_t i = 0; i < count; i++)
    free(blocks[i]);
}

#endif
