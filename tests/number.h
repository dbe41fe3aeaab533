/* number.h: one of the allocator's own statistics, by its name (src/core/stats.def). */
#ifndef BRIM_TESTS_NUMBER_H
#define BRIM_TESTS_NUMBER_H

#include <brim/brim.h>
#include <string.h>
#include <unistd.h>

static uint64_t number(const char *name)
{
  struct brim_stat rows[64];
  size_t count = brim_stats(rows, 64);
  for (size_t i = 0; i < count; i++)
    if (!strcmp(rows[i].name, name))
      return rows[i].value;
  _exit(72);
}

#endif
